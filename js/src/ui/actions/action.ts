// What an action is: something that can be done by a key.
import type { ViewState } from "../../view/viewState";

/** The help shows them in this order. */
export const GROUPS = [
  "Look",
  "Crosshair",
  "Tools",
  "Labels",
  "Prompts",
  "Edit",
  "Go on",
  "Labeler",
  "In the 3D pane",
] as const;

/** Where keys work: all over the labeler, or while the 3D pane has the focus. One key may do two things in two scopes. */
export type Scope = "labeler" | "solid";

export interface Action {
  /** Its name in Python too: `labeler.keymap = {"save": "f2"}`. */
  id: string;
  group: (typeof GROUPS)[number];
  /** What it does, for the help and tooltips. */
  text: string;
  /** Named as keyNames.ts says: `s`, `mod+z` (control or command), `shift+up`, `space`. The first one is the main one. */
  keys: readonly string[];
  /** The whole labeler if not given. */
  scope?: Scope;
  run(view: ViewState): void;
  /** The key is let go. */
  release?(view: ViewState): void;
}
