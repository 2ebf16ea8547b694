// Actions on labels: choosing, locking, hiding.
import type { ViewState } from "../../view/viewState";
import type { Action } from "./action";
import { chooseLabel } from "./commands";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

function withChosen(change: (view: ViewState, value: number) => void): Action["run"] {
  return (view) => {
    const value = view.store.choices.activeValue;
    if (value !== null) change(view, value);
  };
}

/** Hide all labels; where all are hidden, show them. */
export function toggleAllLabels({ store: { display, labels } }: ViewState): void {
  const values = labels.list.peek().map(({ value }) => value);
  const hidden = values.every((value) => display.hidden.peek().has(value));
  display.hidden.value = new Set(hidden ? [] : values);
}

export const LABEL_ACTIONS: readonly Action[] = [
  ...KEYS.map(
    (key, place): Action => ({
      id: `label-${key}`,
      group: "Labels",
      text: "Choose a label by its place",
      keys: [key],
      run: (view) => chooseLabel(view, place),
    }),
  ),
  {
    id: "new-object",
    group: "Labels",
    text: "Begin a new object of the label whose objects are told apart",
    keys: ["shift+j"],
    run: ({ store: { objects } }) => objects.label.value && objects.begin(),
  },
  {
    id: "object-each-prompt",
    group: "Labels",
    text: "Each click begins a new object, or goes on with the active one",
    keys: ["shift+i"],
    run: ({ store: { objects } }) => objects.label.value && objects.eachPrompt.toggle(),
  },
  {
    id: "lock-label",
    group: "Labels",
    text: "Lock or unlock the chosen label",
    keys: ["shift+l"],
    run: withChosen(({ store: { paintSettings } }, value) => paintSettings.lock(value, !paintSettings.isLocked(value))),
  },
  {
    id: "hide-label",
    group: "Labels",
    text: "Hide or show the chosen label",
    keys: ["shift+h"],
    run: withChosen(({ store }, value) => store.display.toggleHidden(value)),
  },
  { id: "hide-all", group: "Labels", text: "Hide or show all labels", keys: ["shift+o"], run: toggleAllLabels },
  {
    id: "over-background",
    group: "Labels",
    text: "Paint only over background, or over other labels too",
    keys: [],
    run: ({ store: { paintSettings } }) =>
      paintSettings.paintOverBackground(!paintSettings.rules.peek().overBackground),
  },
  {
    id: "outline",
    group: "Labels",
    text: "Labels as outlines, or filled",
    keys: ["o"],
    run: ({ store }) => store.display.toggleOutline(),
  },
];
