import { expect, it } from "vitest";
import { opened, STATE } from "../../test/fixtures";
import type { JobInfo } from "../protocol";

const JOB: JobInfo = {
  id: "1",
  kind: "score",
  name: "entropy",
  title: "Scoring images by entropy",
  state: "running",
  progress: 0.5,
  left: null,
  device: "cpu",
  begun: 0,
  epoch: null,
  loss: null,
  score: null,
  scoreName: null,
  outcome: "",
  error: "",
  notes: [],
  canResume: false,
};

it("begins one scoring at a time, cancels it and goes on with it", () => {
  const { store, tell, said } = opened();
  store.scoring.begin("entropy");
  expect(said("score").map(({ ask }) => ask)).toEqual([{ type: "score", method: "entropy" }]);
  tell({ type: "scoring", job: JOB });
  store.scoring.begin("entropy");
  expect(said("score")).toHaveLength(1);
  store.scoring.cancel();
  expect(said("cancel_scoring")).toHaveLength(1);
  tell({ type: "scoring", job: { ...JOB, state: "cancelled", canResume: true } });
  store.scoring.resume();
  expect(said("resume_scoring")).toHaveLength(1);
});

it("knows whether what a strategy goes by is there, and asks for that anew", () => {
  const { store, tell, said } = opened();
  expect(store.scoring.readiness("entropy")).toBeUndefined();
  const entropy = { text: "scored with version 3: 37 of 49", method: "entropy", obstacle: "" };
  tell({ type: "changed", state: { ...STATE, readiness: { entropy } } });
  expect(store.scoring.readiness("entropy")).toEqual(entropy);
  expect(store.scoring.readiness(null)).toBeUndefined();
  store.scoring.look();
  expect(said("strategies")).toHaveLength(1);
});
