// Everything that can be done by a key. One entry here is all that a new action needs: keys, help, tooltips and the keys
// that are given from Python follow from it. The build writes ids, texts and keys to actions.json for the Python side.
import { TOOLS } from "../tools";
import type { ViewState } from "../view/viewstate";
import * as actions from "./actions";
import { CROSSHAIR, LOOKING } from "./looking";
import { OPERATIONS } from "./operate";

/** The help shows them in this order. */
export const GROUPS = ["Look", "Crosshair", "Tools", "Labels", "Prompts", "Edit", "Go on", "Labeler"] as const;

export interface Action {
  /** Its name in Python too: `labeler.keymap = {"save": "f2"}`. */
  id: string;
  group: (typeof GROUPS)[number];
  /** What it does, for the help and tooltips. */
  text: string;
  /** Named as keynames.ts says: `s`, `mod+z` (control or command), `shift+up`, `space`. The first one is the main one. */
  keys: readonly string[];
  run(view: ViewState): void;
  /** The key is let go. */
  release?(view: ViewState): void;
}

const LABEL_KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

export const ACTIONS: readonly Action[] = [
  ...LOOKING,
  ...CROSSHAIR,
  ...TOOLS.map(
    ({ name, title, key }): Action => ({
      id: name,
      group: "Tools",
      text: title,
      keys: [key],
      run: (view) => {
        view.session.display.tool.value = name;
      },
    }),
  ),
  {
    id: "brush-smaller",
    group: "Tools",
    text: "Smaller brush",
    keys: ["["],
    run: (view) => actions.scaleBrush(view, 1 / 1.2),
  },
  {
    id: "brush-larger",
    group: "Tools",
    text: "Larger brush",
    keys: ["]"],
    run: (view) => actions.scaleBrush(view, 1.2),
  },
  ...LABEL_KEYS.map(
    (key, place): Action => ({
      id: `label-${key}`,
      group: "Labels",
      text: "Choose a label by its place",
      keys: [key],
      run: (view) => actions.chooseLabel(view, place),
    }),
  ),
  {
    id: "outline",
    group: "Labels",
    text: "Labels as outlines, or filled",
    keys: ["o"],
    run: ({ session }) => session.display.toggleOutline(),
  },
  { id: "undo", group: "Edit", text: "Undo", keys: ["mod+z"], run: actions.undo },
  { id: "redo", group: "Edit", text: "Redo", keys: ["mod+shift+z", "mod+y"], run: actions.redo },
  ...OPERATIONS,
  { id: "save", group: "Go on", text: "Save the labels as final", keys: ["s", "mod+s"], run: actions.save },
  { id: "next", group: "Go on", text: "Next image", keys: ["n"], run: (view) => actions.leave(view, { type: "next" }) },
  {
    id: "previous",
    group: "Go on",
    text: "Previous image",
    keys: ["shift+n"],
    run: (view) => actions.leave(view, { type: "previous" }),
  },
  {
    id: "images",
    group: "Go on",
    text: "List of images",
    keys: ["j"],
    run: (view) => actions.togglePanel(view, "images"),
  },
  {
    id: "skip",
    group: "Go on",
    text: "Leave this image unlabelled and go on",
    keys: [],
    run: (view) => actions.leave(view, { type: "skip" }),
  },
  { id: "cancel", group: "Go on", text: "Cancel what is running", keys: ["mod+."], run: actions.cancel },
  {
    id: "full-screen",
    group: "Labeler",
    text: "Full screen, and back",
    keys: ["f"],
    run: actions.toggleFilled,
  },
  { id: "help", group: "Labeler", text: "Keys and mouse", keys: ["?"], run: actions.toggleHelp },
  {
    id: "back",
    group: "Labeler",
    text: "Give up what is being drawn; close what is open; else navigate",
    keys: ["escape"],
    run: actions.back,
  },
];
