// Everything that can be done by a key. One entry here is all that a new action needs: keys, help, tooltips and the keys
// that are given from Python follow from it. The build writes ids, texts and keys to actions.json for the Python side.
import { TOOLS } from "../../tools";
import { nudgePrompt } from "../../view/promptDrag";
import type { Action } from "./action";
import * as actions from "./commands";
import { LABEL_ACTIONS } from "./labelActions";
import { LABEL_OPERATIONS } from "./labelOperations";
import { VIEW_3D_ACTIONS } from "./view3dActions";
import { CROSSHAIR_ACTIONS, VIEW_ACTIONS } from "./viewActions";

/** Whatever is pressed for it, a key or a button, does the same. */
export function actionNamed(id: string): Action | undefined {
  return ACTIONS.find((action) => action.id === id);
}

const NUDGES = [
  ["left", -1, 0],
  ["right", 1, 0],
  ["up", 0, -1],
  ["down", 0, 1],
] as const;
const WAYS = { left: "to the left", right: "to the right", up: "upwards", down: "downwards" };

export const ACTIONS: readonly Action[] = [
  ...VIEW_ACTIONS,
  ...CROSSHAIR_ACTIONS,
  ...TOOLS.map(
    ({ name, title, key }): Action => ({
      id: name,
      group: "Tools",
      text: title,
      keys: [key],
      run: (view) => {
        view.store.display.tool.value = name;
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
  {
    id: "brush-ball",
    group: "Tools",
    text: "Brush as a ball over several slices, or as a disc in one",
    keys: ["q"],
    run: ({ store }) => store.brush.toggleBall(),
  },
  {
    id: "brush-range",
    group: "Tools",
    text: "Paint only intensities in a range",
    keys: ["shift+q"],
    run: ({ store }) => store.brush.toggleLimited(),
  },
  ...LABEL_ACTIONS,
  {
    id: "run",
    group: "Prompts",
    text: "Run the model with the prompts; Enter too, where some wait",
    keys: ["mod+enter"],
    run: actions.run,
  },
  {
    id: "auto-run",
    group: "Prompts",
    text: "Run after each prompt, or wait",
    keys: ["a"],
    run: ({ store }) => store.prompts.autoRun.toggle(),
  },
  {
    id: "others-as-background",
    group: "Prompts",
    text: "Tell the model that other labels are background, or do not",
    keys: ["shift+a"],
    run: ({ store }) => store.othersAsBackground.toggle(),
  },
  {
    id: "uncertain-border",
    group: "Prompts",
    text: "Show the uncertain border of the last answer, or hide it",
    keys: ["u"],
    run: ({ store }) => store.uncertainBorder.shown.toggle(),
  },
  {
    id: "prompt-mask",
    group: "Prompts",
    text: "Start from the present mask of the label",
    keys: [],
    run: actions.addMaskPrompt,
  },
  {
    id: "prompt-next",
    group: "Prompts",
    text: "Select the next prompt",
    keys: ["p"],
    run: (view) => actions.stepPrompt(view, 1),
  },
  {
    id: "prompt-previous",
    group: "Prompts",
    text: "Select the previous prompt",
    keys: ["shift+p"],
    run: (view) => actions.stepPrompt(view, -1),
  },
  {
    id: "prompt-flip",
    group: "Prompts",
    text: "Include or exclude: flip the selected prompt",
    keys: ["shift+x"],
    run: actions.flipPrompt,
  },
  {
    id: "prompt-remove",
    group: "Prompts",
    text: "Remove the selected prompt, or the last corner of a polygon",
    keys: ["delete", "backspace"],
    run: actions.removePrompt,
  },
  ...NUDGES.map(
    ([way, columns, rows]): Action => ({
      id: `prompt-${way}`,
      group: "Prompts",
      text: `Move the selected prompt ${WAYS[way]}`,
      keys: [`alt+shift+${way}`],
      run: (view) => nudgePrompt(view, columns, rows),
    }),
  ),
  { id: "undo", group: "Edit", text: "Undo", keys: ["mod+z"], run: actions.undo },
  { id: "redo", group: "Edit", text: "Redo", keys: ["mod+shift+z", "mod+y"], run: actions.redo },
  ...LABEL_OPERATIONS,
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
    id: "where-needed",
    group: "Look",
    text: "Where am I needed? Go to the next place where the model is least sure",
    keys: ["shift+w"],
    run: ({ store }) => store.uncertainty.goOn(),
  },
  {
    id: "show-uncertainty",
    group: "Look",
    text: "Show how unsure the model is, or hide it",
    keys: ["shift+u"],
    run: ({ store }) => store.uncertainty.shown.toggle(),
  },
  {
    id: "frame-back",
    group: "Look",
    text: "Previous frame of a 4D image",
    keys: [","],
    run: ({ store: { frames } }) => frames.show(frames.wanted.value - 1),
  },
  {
    id: "frame-on",
    group: "Look",
    text: "Next frame of a 4D image",
    keys: ["."],
    run: ({ store: { frames } }) => frames.show(frames.wanted.value + 1),
  },
  {
    id: "versions",
    group: "Go on",
    text: "Versions of this image's labels",
    keys: ["h"],
    run: (view) => actions.togglePanel(view, "versions"),
  },
  {
    id: "compare",
    group: "Labels",
    text: "Compare with the model's or a saved label",
    keys: ["k"],
    run: ({ store }) => (store.comparison.on ? store.comparison.stop() : store.comparison.start()),
  },
  {
    id: "review",
    group: "Go on",
    text: "Review finished labels, the most suspicious first; or end that",
    keys: ["shift+r"],
    run: actions.toggleReview,
  },
  {
    id: "looks-right",
    group: "Go on",
    text: "In a review: this label looks right, or is accepted; go on",
    keys: ["shift+y"],
    run: actions.looksRight,
  },
  {
    id: "send-label-back",
    group: "Go on",
    text: "In a review for verdicts: send this label back to who made it",
    keys: ["shift+d"],
    run: actions.sendLabelBack,
  },
  {
    id: "team",
    group: "Go on",
    text: "Who works on what",
    keys: ["shift+c"],
    run: (view) => actions.togglePanel(view, "team"),
  },
  {
    id: "notes",
    group: "Go on",
    text: "Notes on this image, and about its file",
    keys: ["shift+k"],
    run: (view) => actions.togglePanel(view, "notes"),
  },
  {
    id: "accept-tags",
    group: "Go on",
    text: "Accept the tags of the image that models propose",
    keys: ["shift+g"],
    run: ({ store }) => store.imageTags.accept(),
  },
  {
    id: "next-class",
    group: "Go on",
    text: "Tag the image with the next class of its first tag",
    keys: ["shift+v"],
    run: ({ store }) => store.imageTags.chooseNext(),
  },
  {
    id: "skip",
    group: "Go on",
    text: "Leave this image unlabelled and go on",
    keys: [],
    run: (view) => actions.leave(view, { type: "skip" }),
  },
  {
    id: "train",
    group: "Go on",
    text: "Train in the background",
    keys: ["shift+t"],
    run: ({ store }) => store.training.begin(),
  },
  {
    id: "first-masks",
    group: "Go on",
    text: "First masks for all images without a label",
    keys: ["shift+m"],
    run: ({ store }) => store.preAnnotation.begin(),
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
    text: "Give up what is being drawn; close what is open; deselect; else navigate",
    keys: ["escape"],
    run: actions.back,
  },
  ...VIEW_3D_ACTIONS,
];
