import { describe, expect, it } from "vitest";
import { opened, STATE } from "../../test/fixtures";
import type { Ask, ImageRow } from "../protocol";

type Browse = Extract<Ask, { type: "browse" }>;

function entry(place: number): ImageRow {
  return {
    id: `case_${place}`,
    state: "unlabelled",
    draft: false,
    author: null,
    time: null,
    score: null,
    tags: [],
    work: "to_do",
    holder: null,
  };
}

/** A list of `total` images in a kernel that answers when it is told to. */
function listed(size: number, notes: string[] = []) {
  const { store, tell, said } = opened();
  const asked = () => said("browse").map(({ ask }) => ask as Browse);
  const answer = (browse: Browse, total = size) => {
    const { request, offset, limit } = browse;
    const count = Math.max(0, Math.min(limit, total - offset));
    const entries = Array.from({ length: count }, (_, n) => entry(offset + n));
    tell({ type: "images", client: store.connection.client, request, offset, total, entries, notes, scores: null });
  };
  const thumbnails = () => said("thumbnails").map(({ ask }) => (ask as Extract<Ask, { type: "thumbnails" }>).images);
  const picture = (image: string) =>
    tell({ type: "thumbnail", client: store.connection.client, image }, Uint8Array.of(0xff, 0xd8, 0xff, 0xd9));
  return { imageList: store.imageList, tell, asked, answer, thumbnails, picture, last: () => asked().at(-1) as Browse };
}

describe("the list of images", () => {
  it("asks for the first page, and for others as they come on the screen", () => {
    const { imageList, asked, answer, last } = listed(100_000);
    imageList.query();
    answer(last());
    expect(imageList.total.value).toBe(100_000);
    expect(imageList.at(49)?.id).toBe("case_49");
    imageList.show(70_020, 70_040);
    expect(last().offset).toBe(70_000);
    answer(last());
    expect(imageList.at(70_039)?.id).toBe("case_70039");
    imageList.show(70_020, 70_040);
    expect(asked().length).toBe(2);
  });

  it("asks one question at a time, and then for what is on the screen by now", () => {
    const { imageList, asked, answer, last } = listed(10_000);
    imageList.query();
    answer(last());
    for (let first = 100; first < 5000; first += 100) imageList.show(first, first + 10);
    expect(asked().map(({ offset }) => offset)).toEqual([0, 100]);
    answer(last());
    expect(asked().map(({ offset }) => offset)).toEqual([0, 100, 4900]);
  });

  it("takes a second answer to one question, when images have come into the folder", () => {
    const { imageList, answer, last } = listed(200, ["3 files were left out"]);
    imageList.query();
    answer(last());
    imageList.show(100, 120);
    answer(last());
    expect(imageList.at(110)?.id).toBe("case_110");
    expect(imageList.notes.value).toEqual(["3 files were left out"]);
    imageList.query();
    answer(last());
    answer(last(), 203);
    expect(imageList.total.value).toBe(203);
    expect(imageList.at(0)?.id).toBe("case_0");
    expect(imageList.at(110)).toBeUndefined();
  });

  it("drops the answer to a former search", () => {
    const { imageList, asked, answer } = listed(10);
    imageList.query("old");
    imageList.query("new", "final");
    const [first, second] = asked() as [Browse, Browse];
    expect([second.search, second.state]).toEqual(["new", "final"]);
    answer(first);
    expect(imageList.at(0)).toBeUndefined();
    answer(second);
    expect(imageList.at(0)?.id).toBe("case_0");
  });

  it("does not ask for ever where the list has become shorter", () => {
    const { imageList, asked, answer, last } = listed(60);
    imageList.query();
    answer({ ...last(), limit: 50 });
    imageList.show(50, 80);
    answer({ ...last(), limit: 0 });
    expect(asked().length).toBe(2);
  });
});

describe("what others change", () => {
  it("is asked for again while the list is open, without a look for new files", () => {
    const { imageList, asked, answer, last } = listed(10);
    imageList.handlers.images_changed?.({ type: "images_changed" }, []);
    expect(asked()).toHaveLength(0);
    imageList.query();
    answer(last());
    expect(last().again).toBe(false);
    imageList.handlers.images_changed?.({ type: "images_changed" }, []);
    expect(asked()).toHaveLength(2);
    expect(last().again).toBe(true);
  });

  it("is asked for once more where the answer was on its way already", () => {
    const { imageList, asked, answer, last } = listed(10);
    imageList.query();
    for (const _ of "ab") imageList.handlers.images_changed?.({ type: "images_changed" }, []);
    expect(asked()).toHaveLength(1);
    answer(last());
    expect(asked()).toHaveLength(2);
    answer(last());
    expect(asked()).toHaveLength(2);
  });
});

describe("thumbnails", () => {
  it("are asked for where they are on the screen and not known, and given up when the list is closed", () => {
    const { imageList, answer, last, thumbnails, picture } = listed(30);
    imageList.query();
    answer(last());
    imageList.show(0, 3);
    picture("case_1");
    imageList.show(1, 4);
    imageList.show(1, 4);
    imageList.close();
    expect(thumbnails()).toEqual([["case_0", "case_1", "case_2"], ["case_2", "case_3"], []]);
    expect(imageList.thumbnail("case_1")).toMatch(/^blob:/);
    expect(imageList.thumbnail("case_2")).toBeUndefined();
  });

  it("come again when the list is opened again, since labels change", () => {
    const { imageList, answer, last, thumbnails, picture } = listed(1);
    for (const _ of "ab") {
      imageList.query();
      answer(last());
      imageList.show(0, 3);
      picture("case_0");
      imageList.close();
    }
    expect(thumbnails()).toEqual([["case_0"], [], ["case_0"], []]);
  });

  it("asks for another order from the top, and again when the scores are others", () => {
    const { imageList, asked, answer, last, tell } = listed(3);
    imageList.query();
    answer(last());
    expect(imageList.scores.value).toBeNull();
    imageList.query(undefined, undefined, "score");
    expect(last()).toMatchObject({ order: "score", offset: 0, again: false });
    answer(last());
    const before = asked().length;
    tell({ type: "changed", state: { ...STATE, strategy: "entropy" } });
    expect(last()).toMatchObject({ order: "score", again: true });
    expect(asked()).toHaveLength(before + 1);
  });
});
