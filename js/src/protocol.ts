// What the front end and the kernel say to each other; jlabel/widget/protocol.py is the other side of this page.
//
// Voxels travel in Fortran order: the first array axis is the fastest. An RGB image has its three bytes together, as the
// very fastest axis. Masks and strokes are zlib-compressed, image voxels are not. No message is larger than 4 MB.
// `epoch` grows by one with every opened image: whatever carries another epoch is late and is dropped.

import type { JobInfo } from "./jobpanel/job";

export const PROTOCOL = 1;

export type Dtype = "uint8" | "int16" | "uint16" | "float32";
export type MaskDtype = "uint8" | "uint16";
export type PlaneName = "axial" | "coronal" | "sagittal";
/** [x0, y0, z0, x1, y1, z1], half open, in the array's own axes; a 2D image counts as one slice along a third axis. */
export type Region = [number, number, number, number, number, number];
export type Position = [number, number, number];

export interface Plane {
  name: PlaneName;
  /** The array axis that stepping through slices moves along. */
  normal: number;
  /** The array axis drawn from left to right, and the direction (+1 or -1) in which its index grows on the screen. */
  right: [number, number];
  /** The array axis drawn from top to bottom, and the direction in which its index grows on the screen. */
  down: [number, number];
  /** Anatomical letters at the left, right, top and bottom edge; empty where nothing is known. */
  letters: [string, string, string, string];
  superiorStep: number;
}

export interface Header {
  id: string;
  /** Three numbers, always: a 2D image has 1 as the last. */
  shape: Position;
  dtype: Dtype;
  /** 1, or 3 for RGB (then dtype is uint8). */
  channels: 1 | 3;
  /** mm along each array axis. */
  spacing: Position;
  /** 4×4, row by row: voxel index to RAS millimetres. */
  affine: number[][];
  oriented: boolean;
  planes: [Plane, Plane, Plane];
  /** The only plane worth showing for a 2D image or a volume of one slice, else null. */
  flat: PlaneName | null;
  /** Intensities shown as black and white at first. */
  window: [number, number];
  /** Small values are meant to be bright. */
  inverted?: boolean;
  /** How many frames the file has, and which one is shown. */
  frames?: number;
  frame?: number;
  maskDtype: MaskDtype;
  /** What a person should know about the file, by topic. Plain text. */
  notes: Record<string, string>;
}

export interface LabelInfo {
  name: string;
  value: number;
  color: string;
}

export interface ModelInfo {
  name: string;
  description: string;
  interactive: boolean;
  dimension: number;
  valid: boolean;
  /** It can start from the present mask of a label. */
  takesMask?: boolean;
}

export interface StrategyInfo {
  name: string;
  description: string;
}

export interface PromptInfo {
  /** Given by the page that made it; unique in the draft. */
  id?: string;
  /** "mask" stands for the label as it was before the prompts; it has no place. */
  kind: "click" | "box" | "scribble" | "lasso" | "mask";
  position?: number[];
  positive?: boolean;
  label: string;
  lower?: number[];
  upper?: number[];
  positions?: number[][];
  points?: number[][];
  plane?: number;
  /** It has no answer yet, or was moved since. */
  waits?: boolean;
  /** The array axis and the slice that its model works in; without it the model works in the volume. */
  slice?: [axis: number, index: number];
}

/** What can be trained, and what the trainings came to. */
export interface TrainingState {
  trainers: { name: string; description: string }[];
  trainer: string;
  /** Trainings begin by themselves. */
  auto: boolean;
  /** With how many saved labels the next one does. */
  dueAt: number | null;
  /** The versions that models would take now. */
  versions: Record<string, number>;
  /** The models that made this label, with their versions. */
  madeBy: string[];
}

/** Everything small that the kernel knows; sent whole after every change. */
export interface State {
  imageId: string | null;
  epoch: number;
  labels: LabelInfo[];
  label: string;
  models: ModelInfo[];
  model: string | null;
  strategies: StrategyInfo[];
  strategy: string;
  /** The model runs after every prompt; else the prompts wait for "run". */
  autoRun: boolean;
  /** Models are told which voxels hold another label than the one asked for: these are background. */
  othersAsBackground: boolean;
  /** The voxels are marked that the model's last answer is not sure of. */
  uncertainBorder: boolean;
  /** Values of locked labels: whoever tries, their voxels do not change. */
  locked: number[];
  /** Paint over what has no label alone. */
  overBackground: boolean;
  /** How many other images have a label that was saved. */
  savedElsewhere: number;
  /** Colours to choose from for labels. */
  palette: string[];
  canUndo: boolean;
  canRedo: boolean;
  /** The draft has changes that are not saved. */
  dirty: boolean;
  /** What the kernel is doing for the person, as words ("smart click is running"), or null. */
  busy: string | null;
  /** What the kernel is doing can still be given up; a save cannot once it is decided. */
  canCancel: boolean;
  /** Whether the draft is being saved; `busy` may name something newer. */
  saving: boolean;
  /** What was done last ("Saved as final, version 2"), or null. */
  notice: string | null;
  images: number;
  labelled: number;
  /** An image was shown before this one. */
  canGoBack: boolean;
  /** The saved label that is shown beside the draft; `version` null is the current one. */
  comparing: { number: number; tag: string; version: number | null } | null;
  training: TrainingState;
  /** The model that makes first masks, or what to do where there is none yet; null where the app has no such model. */
  firstMasks: { model: string | null; hint: string } | null;
}

/** A saved label's version. */
export interface VersionInfo {
  number: number;
  /** ISO 8601. */
  time: string;
  author: string | null;
  current: boolean;
  models: string[];
  /** How many prompts were kept with it. */
  prompts: number;
}

export interface TagVersions {
  tag: string;
  versions: VersionInfo[];
}

/** Voxels of a label in the draft and in the other label, and their Dice; null where it is in neither. */
export interface AgreementRow {
  value: number;
  mine: number;
  other: number;
  both: number;
  dice: number | null;
}

export interface Agreement {
  /** Of a voxel; null for pictures. */
  millilitres: number | null;
  rows: AgreementRow[];
}

export type ImageState = "unlabelled" | "model" | "final";
export type ImageFilter = ImageState | "draft";

/** One image of the list. */
export interface ImageEntry {
  id: string;
  state: ImageState;
  /** There is a draft that is not saved. */
  draft: boolean;
  author: string | null;
  /** When its label was saved, ISO 8601. */
  time: string | null;
}

/** One of several messages that carry one thing. */
export interface Piece {
  piece: number;
  pieces: number;
}
export type OperationName =
  | "grow"
  | "shrink"
  | "smooth"
  | "fill_holes"
  | "keep_largest"
  | "remove_islands"
  | "interpolate"
  | "copy_slice"
  | "threshold"
  | "fill"
  | "erase";
/** One slice, each slice on its own, or all in 3D. */
export type Extent = "slice" | "slices" | "volume";

// Browser to kernel. `client` is one page's own random id. All but "hello" and "pull" have a number, `seq`, that grows by one
// with each: the kernel handles every one once and in order, says "heard", and refuses one that comes before its time. What
// names an `epoch` is for that image alone.
export type Ask =
  | { type: "hello"; client: string; protocol: number }
  | { type: "open"; image: string; discard?: boolean }
  | { type: "next"; discard?: boolean; epoch?: number }
  /** The image that was shown before; "next" then goes forward again. */
  | { type: "previous"; discard?: boolean; epoch?: number }
  | { type: "skip"; discard?: boolean; epoch?: number }
  | { type: "save"; epoch?: number }
  | { type: "undo"; epoch?: number }
  | { type: "redo"; epoch?: number }
  /** Ask for `count` more pieces of a stream; the browser keeps four under way. */
  | { type: "pull"; client: string; epoch: number; stream: number; count: number }
  /**
   * Add a prompt and run the model, unless prompts wait. `axis` is the array axis across the plane that was clicked;
   * `slice` is what that plane shows, for a prompt that has no place.
   */
  | { type: "prompt"; epoch: number; prompt: PromptInfo; axis: number; slice?: number }
  | { type: "change_prompt"; epoch: number; id: string; prompt: PromptInfo }
  | { type: "remove_prompt"; epoch: number; id: string }
  | { type: "auto_run"; on: boolean }
  | { type: "others_as_background"; on: boolean }
  /** Answered by "uncertain" with what is known of the last answer; where that is nothing, the model is asked again. */
  | { type: "uncertain_border"; on: boolean }
  | { type: "lock"; value: number; locked: boolean }
  | { type: "over_background"; on: boolean }
  /** The label set, which is kept with the studies. Labels are named by their values, which never change. */
  | { type: "add_label"; name: string; color?: string }
  | { type: "rename_label"; value: number; name: string }
  | { type: "recolor_label"; value: number; color: string }
  | { type: "move_label"; value: number; place: number }
  /** The voxels in this draft become those of the other label, or background: one step of undo, the label included. */
  | { type: "merge_label"; value: number; into: number }
  | { type: "delete_label"; value: number }
  /** Run the chosen model: an automatic one, or an interactive one again with the present prompts. */
  | { type: "run"; epoch: number; axis: number; slice?: number }
  | { type: "clear_prompts"; epoch: number }
  | { type: "cancel" }
  /**
   * A stroke that is already painted here: the voxels of `region` marked in the one buffer (zlib, one byte a voxel, 0 or 1)
   * now have `value` (0 = erased). A stroke too large for a message comes in parts, all but the last with `more`: one step.
   */
  | { type: "edit"; epoch: number; region: Region; value: number; more: boolean }
  /** How the image is looked at, for the still picture in the notebook; said when it has not changed for a while. */
  | { type: "seen"; epoch: number; cursor: Position; window: [number, number]; hidden: number[]; opacity: number }
  /** The script of the 3D view: see view3d/api.ts. */
  | { type: "view3d"; client: string }
  /** The labels' surfaces as the draft is now, less those that the page has (version by label value). */
  | { type: "surfaces"; client: string; epoch: number; known: Record<number, number> }
  /** The volume, small enough to be seen as a whole, through a window. */
  | { type: "volume3d"; client: string; epoch: number; window: [number, number] }
  /** This page wants no more of the surfaces and the volume that it asked for; what is found already is kept. */
  | { type: "stop3d"; client: string }
  /** A page of the list of images; answered by "images" with the same `request`. */
  | {
      type: "browse";
      client: string;
      request: number;
      search: string;
      state: ImageFilter | null;
      offset: number;
      limit: number;
    }
  /**
   * Do something with a whole label (`value`), as one step of undo. `axis` and `slice` say where the person works; the
   * parameters of each operation are those of jlabel/editing/operations.py.
   */
  | {
      type: "operate";
      epoch: number;
      operation: OperationName;
      parameters: Record<string, unknown>;
      axis: number;
      slice: number;
      value: number;
    }
  /** Small pictures of these images, in the place of those that the page has asked for before. */
  | { type: "thumbnails"; client: string; images: string[] }
  /** Show another frame of a 4D image. */
  | { type: "frame"; epoch: number; frame: number }
  /** All saved labels of the image; answered by "versions". */
  | { type: "versions"; client: string; epoch: number }
  /** Put a saved label, or one `value` of it, in the place of the draft: one step of undo. `version` null is the current. */
  | { type: "take_over"; epoch: number; tag: string; version: number | null; value: number | null }
  /** Show a saved label beside the draft; `tag` null leaves the choice to the kernel. */
  | { type: "compare"; epoch: number; tag: string | null; version: number | null }
  | { type: "stop_comparing" }
  /** Begin a training in the background; refused while one runs or waits. */
  | { type: "train"; name: string }
  | { type: "cancel_training" }
  /** Run a model over all images without a label, in the background; refused while that is done already. */
  | { type: "first_masks" }
  | { type: "cancel_first_masks" }
  | { type: "auto_train"; on: boolean }
  | { type: "choose_trainer"; name: string }
  | { type: "choose"; what: "model" | "strategy" | "label"; value: string };

// Kernel to browser. `client` names the page that is meant; messages without it are for all.
export type Tell =
  | { type: "state"; state: State }
  /** All of this page's messages up to `seq` were heard. `early`: the one of that number was not, as one before it is missing. */
  | { type: "heard"; client: string; seq: number; early?: number }
  /** A new image: forget the former one. The mask starts as all 0. */
  | { type: "image"; client?: string; epoch: number; header: Header }
  /** One slice ahead of the stream: buffer of its voxels, the two other array axes in increasing order. */
  | { type: "slice"; client?: string; epoch: number; normal: number; index: number }
  /** The stream is ready to be pulled: `bytes` in all, in `pieces` pieces. */
  | { type: "stream"; client: string; epoch: number; stream: number; bytes: number; pieces: number }
  /** A piece: one buffer, to be put at byte `offset` of the volume. Pieces come in any order, the middle first. */
  | { type: "piece"; client: string; epoch: number; stream: number; offset: number }
  /**
   * The mask in `region` is now this (buffer: `dtype`, as volume/codec.ts unpacks it). `acked` is the `seq` of each
   * client's last stroke that it holds: a page paints its own later strokes over it again.
   */
  | { type: "mask"; client?: string; epoch: number; region: Region; dtype: MaskDtype; acked: Record<string, number> }
  /** A stroke was taken: `region`, `value` and buffer as in "edit", for the other pages; the sender drops it from its list. */
  | { type: "edited"; epoch: number; client: string; seq: number; region: Region; value: number }
  /** What was undone or redone lies here: a view that shows none of it goes there. */
  | { type: "look"; epoch: number; region: Region }
  /** Images of the list from `offset` on; the whole list has `total`. */
  | { type: "images"; client: string; request: number; offset: number; total: number; entries: ImageEntry[] }
  /** A buffer with a JPEG, or the problem in words. */
  | { type: "thumbnail"; client: string; image: string; problem?: string }
  /** All prompts by id, in order; `put` are those that are new or another (or some of them: more of these messages follow). */
  | { type: "prompts"; client?: string; epoch: number; ids: string[]; put: PromptInfo[] }
  /** Another frame of the same image: its slices and its stream follow. The mask stays. */
  | { type: "frame"; epoch: number; frame: number }
  | { type: "versions"; client: string; epoch: number; tags: TagVersions[] }
  /** The label beside the draft in `region`, as "mask"; the rest of it is 0. */
  | { type: "other"; client?: string; epoch: number; number: number; region: Region; dtype: MaskDtype }
  /**
   * Voxels of label `value` that the model's last answer is not sure of: 1 where it is not, in `region` (buffer as in "mask",
   * uint8), a part of `box`. Another `number` begins anew, with all 0.
   */
  | { type: "uncertain"; client?: string; epoch: number; number: number; value: number; box: Region; region: Region }
  /** There are none to show. */
  | { type: "no_uncertain"; client?: string; epoch: number }
  /** How well the draft agrees with the label of that `number`. */
  | ({ type: "agreement"; epoch: number; number: number } & Agreement)
  /** Voxels of each label value in the draft, and the volume of a voxel in ml (null in a picture). */
  | { type: "volumes"; epoch: number; counts: [number, number][]; voxelMl: number | null }
  /** How the newest training stands. */
  | { type: "training"; client?: string; job: JobInfo }
  /** How the newest making of first masks stands. */
  | { type: "first_masks"; client?: string; job: JobInfo }
  | { type: "error"; text: string }
  /** A piece of the 3D view's script, or why there is none. Pieces of one thing come in order; together they are zlib. */
  | { type: "view3d"; client: string; piece: number; pieces: number }
  | { type: "view3d"; client: string; error: string }
  /** Which labels have a surface, and how many are still to be found. */
  | { type: "surfaces"; client: string; epoch: number; labels: number[]; left: number }
  /** A piece of a surface: float32 x, y, z of each vertex in RAS mm, then uint32 indices of each triangle. */
  | ({ type: "surface"; client: string; epoch: number; value: number; version: number; vertices: number } & Piece)
  /** A piece of the volume: one byte a voxel, the first axis the fastest. */
  | ({ type: "volume3d"; client: string; epoch: number; shape: Position; affine: number[][] } & Piece)
  | { type: "progress"; epoch: number; text: string; fraction: number | null };
