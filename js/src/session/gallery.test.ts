import { describe, expect, it } from "vitest";
import type { Ask, ImageEntry } from "../protocol";
import { opened } from "./fixtures";

type Browse = Extract<Ask, { type: "browse" }>;

function entry(place: number): ImageEntry {
  return { id: `case_${place}`, state: "unlabelled", draft: false, author: null, time: null };
}

/** A list of `total` images in a kernel that answers when it is told to. */
function listed(total: number) {
  const { session, tell, said } = opened();
  const asked = () => said("browse").map(({ ask }) => ask as Browse);
  const answer = (browse: Browse) => {
    const { request, offset, limit } = browse;
    const count = Math.max(0, Math.min(limit, total - offset));
    const entries = Array.from({ length: count }, (_, n) => entry(offset + n));
    tell({ type: "images", client: session.client, request, offset, total, entries });
  };
  const thumbnails = () => said("thumbnails").map(({ ask }) => (ask as Extract<Ask, { type: "thumbnails" }>).images);
  const picture = (image: string) =>
    tell({ type: "thumbnail", client: session.client, image }, Uint8Array.of(0xff, 0xd8, 0xff, 0xd9));
  return { gallery: session.gallery, asked, answer, thumbnails, picture, last: () => asked().at(-1) as Browse };
}

describe("the list of images", () => {
  it("asks for the first page, and for others as they come on the screen", () => {
    const { gallery, asked, answer, last } = listed(100_000);
    gallery.look();
    answer(last());
    expect(gallery.total.value).toBe(100_000);
    expect(gallery.at(49)?.id).toBe("case_49");
    gallery.show(70_020, 70_040);
    expect(last().offset).toBe(70_000);
    answer(last());
    expect(gallery.at(70_039)?.id).toBe("case_70039");
    gallery.show(70_020, 70_040);
    expect(asked().length).toBe(2);
  });

  it("asks one question at a time, and then for what is on the screen by now", () => {
    const { gallery, asked, answer, last } = listed(10_000);
    gallery.look();
    answer(last());
    for (let first = 100; first < 5000; first += 100) gallery.show(first, first + 10);
    expect(asked().map(({ offset }) => offset)).toEqual([0, 100]);
    answer(last());
    expect(asked().map(({ offset }) => offset)).toEqual([0, 100, 4900]);
  });

  it("drops the answer to a former search", () => {
    const { gallery, asked, answer } = listed(10);
    gallery.look("old");
    gallery.look("new", "final");
    const [first, second] = asked() as [Browse, Browse];
    expect([second.search, second.state]).toEqual(["new", "final"]);
    answer(first);
    expect(gallery.at(0)).toBeUndefined();
    answer(second);
    expect(gallery.at(0)?.id).toBe("case_0");
  });

  it("does not ask for ever where the list has become shorter", () => {
    const { gallery, asked, answer, last } = listed(60);
    gallery.look();
    answer({ ...last(), limit: 50 });
    gallery.show(50, 80);
    answer({ ...last(), limit: 0 });
    expect(asked().length).toBe(2);
  });
});

describe("thumbnails", () => {
  it("are asked for where they are on the screen and not known, and given up when the list is closed", () => {
    const { gallery, answer, last, thumbnails, picture } = listed(30);
    gallery.look();
    answer(last());
    gallery.show(0, 3);
    picture("case_1");
    gallery.show(1, 4);
    gallery.show(1, 4);
    gallery.leave();
    expect(thumbnails()).toEqual([["case_0", "case_1", "case_2"], ["case_2", "case_3"], []]);
    expect(gallery.thumbnail("case_1")).toMatch(/^blob:/);
    expect(gallery.thumbnail("case_2")).toBeUndefined();
  });

  it("come again when the list is opened again, since labels change", () => {
    const { gallery, answer, last, thumbnails, picture } = listed(1);
    for (const _ of "ab") {
      gallery.look();
      answer(last());
      gallery.show(0, 3);
      picture("case_0");
      gallery.leave();
    }
    expect(thumbnails()).toEqual([["case_0"], [], ["case_0"], []]);
  });
});
