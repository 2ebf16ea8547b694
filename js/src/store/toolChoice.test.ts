import { expect, it } from "vitest";
import { opened, STATE } from "../../test/fixtures";

function tools(kernel: ReturnType<typeof opened>) {
  return kernel.asks.filter(({ ask }) => ask.type === "choose" && ask.what === "tool").map(({ ask }) => ask);
}

it("tells the kernel what is chosen here", () => {
  const kernel = opened();
  kernel.store.display.tool.value = "brush";
  expect(tools(kernel)).toEqual([{ type: "choose", what: "tool", value: "brush" }]);
});

it("takes what was chosen in another page or from Python, and says nothing back", () => {
  const kernel = opened();
  kernel.tell({ type: "changed", state: { tool: "lasso" } });
  expect(kernel.store.display.tool.value).toBe("lasso");
  expect(tools(kernel)).toEqual([]);
});

it("begins with the tool that the kernel has", () => {
  const kernel = opened();
  kernel.tell({ type: "state", client: kernel.store.connection.client, state: { ...STATE, tool: "eraser" } });
  expect(kernel.store.display.tool.value).toBe("eraser");
});

it("keeps what is chosen here until the kernel has heard it", () => {
  const kernel = opened();
  kernel.store.display.tool.value = "brush";
  kernel.tell({ type: "changed", state: { tool: "navigate", notice: "said before" } });
  expect(kernel.store.display.tool.value).toBe("brush");
  const seq = kernel.asks.at(-1)?.seq ?? 0;
  kernel.tell({ type: "ack", client: kernel.store.connection.client, seq });
  kernel.tell({ type: "changed", state: { tool: "box" } });
  expect(kernel.store.display.tool.value).toBe("box");
});
