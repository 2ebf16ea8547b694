// Written by scripts/protocol.py from jlabel/labeler/protocol: change it there, then run `make protocol`.
//
// What the pages and the kernel say to each other. Voxels travel in Fortran order: the first array axis is the fastest.
// An RGB image has its three bytes together, as the very fastest axis. Masks and strokes are zlib-compressed, image
// voxels are not. No message is larger than 4 MB. `epoch` grows by one with every opened image: whatever carries
// another is late.

export const PROTOCOL = 3;

export type Dtype = "uint8" | "int16" | "uint16" | "float32";

export type MaskDtype = "uint8" | "uint16";

export type PlaneName = "axial" | "coronal" | "sagittal";

export type PromptKind = "click" | "box" | "scribble" | "lasso" | "mask";

export type ImageState = "unlabelled" | "model" | "final" | "unreadable" | "unshown";

export type ImageFilter = "unlabelled" | "model" | "final" | "draft" | "unreadable" | "to_do" | "in_progress" | "done" | "in_review" | "accepted" | "sent_back";

export type ImageOrder = "id" | "score";

export type WorkState = "to_do" | "in_progress" | "done" | "in_review" | "accepted" | "sent_back";

export type ReviewOrder = "suspicious" | "waiting";

export type Verdict = "accepted" | "sent_back";

export type LeasePurpose = "label" | "review" | "reading";

export type OperationName = "grow" | "shrink" | "smooth" | "fill_holes" | "keep_largest" | "remove_islands" | "interpolate" | "copy_slice" | "threshold" | "fill" | "erase";

export type Choice = "model" | "strategy" | "label" | "tool";

export type ToolName = "navigate" | "click-add" | "click-remove" | "box" | "scribble" | "lasso" | "brush" | "eraser" | "polygon" | "fill";

export type JobState = "queued" | "running" | "done" | "failed" | "cancelled";

export type Region = [number, number, number, number, number, number];

export type Position = [number, number, number];

/** One of the three planes. */
export interface PlaneInfo {
  /** Anatomical where the image's orientation is known, else by the array axis. */
  name: PlaneName;
  /** The array axis that stepping through slices moves along. */
  normal: number;
  /** The array axis drawn from left to right, and the direction (+1 or -1) in which its index grows there. */
  right: [number, number];
  /** The array axis drawn from top to bottom, and the direction in which its index grows there. */
  down: [number, number];
  /** Anatomical letters at the left, right, top and bottom edge; empty where nothing is known. */
  letters: [string, string, string, string];
  /** The step (+1 or -1) along `normal` that goes up or towards the front. */
  superiorStep: number;
}

/** All that a page needs to know of an image before its first voxel. */
export interface Header {
  /** The image's id. */
  id: string;
  /** Three numbers, always: a 2D image has 1 as the last. */
  shape: Position;
  /** Of the voxels as they are sent. */
  dtype: Dtype;
  /** 1, or 3 for RGB (then `dtype` is uint8). */
  channels: 1 | 3;
  /** mm along each array axis. */
  spacing: [number, number, number];
  /** 4×4, row by row: voxel index to RAS+ millimetres. */
  affine: number[][];
  /** Whether the file says how the image lies in the patient. */
  oriented: boolean;
  /** Axial, coronal and sagittal. */
  planes: [PlaneInfo, PlaneInfo, PlaneInfo];
  /** The only plane worth showing for a 2D image or a volume of one slice, else null. */
  flat: PlaneName | null;
  /** Intensities shown as black and white at first. */
  window: [number, number];
  /** Small values are meant to be bright. */
  inverted: boolean;
  /** How many frames the file has. */
  frames: number;
  /** Which one is shown. */
  frame: number;
  /** Of the mask. */
  maskDtype: MaskDtype;
  /** What a person should know about the file, by topic. Plain text. */
  notes: Record<string, string>;
  /** Another one for another image, also where that has the same id. */
  stamp: string;
}

/** A saved label that cannot be shown. */
export interface UnshownLabelInfo {
  /** Why, in words. */
  problem: string;
  /** It can be put into the image's grid. */
  fits: boolean;
}

/** A label. */
export interface LabelInfo {
  /** Its name. */
  name: string;
  /** Its value in label files. */
  value: number;
  /** `#rrggbb`. */
  color: string;
  /** Its objects are told apart: its value and all above it that no other label has are an object each. */
  instances?: boolean;
}

/** A model. */
export interface ModelInfo {
  /** Its name in the app. */
  name: string;
  /** For people. */
  description: string;
  /** It takes prompts. */
  interactive: boolean;
  /** 2 where it works in one slice, else 3. */
  dimension: number;
  /** It can be run: its weights are there. */
  valid: boolean;
  /** It can start from the present mask of a label. */
  takesMask: boolean;
}

/** A strategy: its name, and what it does in words. */
export interface NamedInfo {
  name: string;
  description: string;
}

/** Whether what a strategy goes by is there. */
export interface ReadinessInfo {
  /** In words; empty where it needs nothing. */
  text: string;
  /** The scoring method that computes what is missing; empty where nothing is. */
  method: string;
  /** Why that cannot be done now; empty where it can. */
  obstacle: string;
}

/** Finished labels are being looked through. */
export interface ReviewInfo {
  /** Where in the queue the open image is, from 1; 0 where it is not one of it. */
  place: number;
  /** How many labels the queue has; by `waiting` how many were opened so far. */
  total: number;
  /** `suspicious`: those first that look wrong; `waiting`: those that wait longest for a verdict, each given to one reviewer. */
  order: ReviewOrder;
}

/** How unsure a model is of the open image. */
export interface UncertaintyInfo {
  /** It is shown over the slices. */
  on: boolean;
  /** Whose it is that is shown, with the version; empty where it is not there, or not yet. */
  model: string;
  /** Why it is not there, and what to do; empty where it is. */
  hint: string;
}

/** A train task: its name, and what it does in words. */
export interface TrainerInfo {
  /** Its name. */
  name: string;
  /** What it does. */
  description: string;
  /** Why it cannot be trained now; empty where it can. */
  obstacle: string;
  /** It is for images such as these; where it is not, no label that is saved helps. */
  suits: boolean;
}

/** A prompt in voxel indices. */
export interface PromptInfo {
  /** "mask" stands for the label as it was before the prompts; it has no place. */
  kind: PromptKind;
  /** The label's name; empty for the chosen one. */
  label: string;
  /** Given by the page that made it; unique in the draft. */
  id?: string;
  /** Of a click. */
  position?: number[];
  /** Whether it says what belongs to the structure; of a click, a scribble and a lasso. */
  positive?: boolean;
  /** First corner of a box. */
  lower?: number[];
  /** Last corner of a box. */
  upper?: number[];
  /** Of a scribble's voxels. */
  positions?: number[][];
  /** Of a lasso's corners. */
  points?: number[][];
  /** The array axis across the plane of a lasso or a box. */
  plane?: number;
  /** It has no answer yet, or was moved since. */
  waits?: boolean;
  /** The array axis and the slice that its model works in; without it the model works in the volume. */
  slice?: [number, number];
  /** Of the object that it is for, where the label's objects are told apart. */
  value?: number;
}

/** What can be trained, and what the trainings came to. */
export interface TrainingInfo {
  /** What can be trained. */
  trainers: TrainerInfo[];
  /** The one that is chosen; empty where there is none. */
  trainer: string;
  /** Trainings begin by themselves. */
  auto: boolean;
  /** With how many saved labels the next one does. */
  dueAt: number | null;
  /** The versions that models would take now. */
  versions: Record<string, number>;
  /** The validated Dice of those that were judged by it. */
  dice: Record<string, number>;
}

/** The saved label that is shown beside the draft; `version` null is the current one. */
export interface ComparisonInfo {
  number: number;
  tag: string;
  version: number | null;
}

/** The open image can be sent back to who annotated it elsewhere. */
export interface SendBackInfo {
  /** Where that was and who did it, in words ("CVAT, by bob"). */
  origin: string;
  /** A comment is on its way. */
  sending: boolean;
  /** How many comments were sent back since the image was opened. */
  sent: number;
}

/** One tag of the open image. */
export interface TagInfo {
  /** The classification. */
  name: string;
  /** Those to choose from. */
  classes: string[];
  /** Whether the image may have several of them. */
  several: boolean;
  /** The classes that a person chose; none where nobody did. */
  chosen: string[];
  /** The class that a model found; null where none did. */
  proposed: string | null;
  /** What the model gives that class, 0 to 1; null where it did not say. */
  probability: number | null;
  /** The model, with its version. */
  by: string;
  /** The model that can be asked now; null where none can. */
  model: string | null;
}

/** What a model told of the open image beside a mask. */
export interface ResultInfo {
  /** The model, with its version. */
  model: string;
  /** Names and values, as text. */
  rows: [string, string][];
}

/** The model that makes first masks. */
export interface PreAnnotationInfo {
  /** Its name. */
  model: string | null;
  /** What to do where there is none yet. */
  hint: string;
  /** That its masks will be poor, where its version was judged to be; else empty. */
  poor: string;
}

/** Who works here. */
export interface AnnotatorInfo {
  /** The name that is kept with labels; "" where not even the account has one. */
  name: string;
  /** It is a person's name; else the account's says nothing, and the person is to be asked once. */
  known: boolean;
}

/** Who works on the open image. */
export interface LeaseInfo {
  /** Who; "" where nobody knows their name. */
  holder: string;
  /** It is the person here. */
  mine: boolean;
  /** What for. */
  purpose: LeasePurpose;
  /** Since when, ISO 8601. */
  since: string;
  /** It was the person's here before: they may save all the same, and both versions are kept. */
  lost: boolean;
}

/** The person here is one of several who read the open image: until all have, they see nothing of the others'. */
export interface ReadingInfo {
  /** The number of their reading, from 1. */
  place: number;
}

/** What a reviewer said of the saved label of the open image. */
export interface VerdictInfo {
  /** It was accepted, or sent back. */
  verdict: Verdict;
  /** Who said so; "" where nobody knows their name. */
  reviewer: string;
  /** When, ISO 8601. */
  time: string;
  /** What is to be corrected. */
  comment: string;
  /** The voxel that the comment is about; null where it is about the whole label. */
  place: Position | null;
  /** Of the label. */
  version: number;
  /** Who saved that version. */
  author: string | null;
}

/** A note on the open image, and who wrote it when (ISO 8601). */
export interface ImageNoteInfo {
  text: string;
  author: string;
  time: string;
}

/** One person of the team. */
export interface TeamMemberInfo {
  /** Who; "" where nobody knows their name. */
  name: string;
  /** What they work on now. */
  images: string[];
  /** Since when, ISO 8601; null where they work on none. */
  since: string | null;
  /** How many final labels they have saved. */
  labelled: number;
  /** How many of these were accepted. */
  accepted: number;
  /** How many of these wait for them. */
  sentBack: number;
}

/** How well readers agree in one label: means over all pairs of readers, and the lowest Dice. */
export interface LabelAgreementInfo {
  label: string;
  images: number;
  pairs: number;
  dice: number;
  nsd: number;
  lowestDice: number;
}

/** A saved label's version: the time is ISO 8601, `prompts` says how many prompts were saved with it. */
export interface VersionInfo {
  number: number;
  time: string;
  author: string | null;
  current: boolean;
  models: string[];
  prompts: number;
}

/** The versions of the label of one tag, the newest first. */
export interface TagVersions {
  tag: string;
  versions: VersionInfo[];
}

/** Voxels of a label in the draft, in the other label and in both, and their Dice; null where it is in neither. */
export interface AgreementRow {
  value: number;
  mine: number;
  other: number;
  both: number;
  dice: number | null;
}

/** What an image of the list shows as a whole. */
export interface RowTag {
  /** The classification. */
  name: string;
  /** The class. */
  value: string;
  /** A person chose it; else a model found it. */
  byPerson: boolean;
  /** What the model gives it, 0 to 1; null by a person. */
  probability: number | null;
}

/** Images with that class of a classification; without a value those that no person has given one. */
export interface TagChoice {
  name: string;
  value: string | null;
}

/** One image of the list. */
export interface ImageRow {
  /** The image's id. */
  id: string;
  /** Whose label it has. */
  state: ImageState;
  /** There is a draft that is not saved. */
  draft: boolean;
  /** Who saved its label. */
  author: string | null;
  /** When its label was saved, ISO 8601. */
  time: string | null;
  /** By the method of the chosen strategy; null where it has none. */
  score: number | null;
  /** What it shows as a whole, one for each classification of the app of which something is known. */
  tags: RowTag[];
  /** How far the work on it is. */
  work: WorkState;
  /** Who works on it now; null where nobody does. */
  holder: string | null;
}

/** How a job stands. */
export interface JobInfo {
  /** Its id. */
  id: string;
  /** "train", "infer", "tag" or "score". */
  kind: string;
  /** Of the task. */
  name: string;
  /** For people. */
  title: string;
  /** Where it stands. */
  state: JobState;
  /** 0 to 1. */
  progress: number;
  /** Seconds that it will take yet, where that is known. */
  left: number | null;
  /** Where it runs. */
  device: string | null;
  /** Seconds since 1970. */
  begun: number | null;
  /** The last one. */
  epoch: number | null;
  /** Of that epoch. */
  loss: number | null;
  /** Of that epoch. */
  score: number | null;
  /** What the score is. */
  scoreName: string | null;
  /** What came of it, in words. */
  outcome: string;
  /** What went wrong, in words. */
  error: string;
  /** What it said, the newest last. */
  notes: string[];
  /** It can go on from where it ended. */
  canResume: boolean;
}

/** What a page knows, by topic; a message carries those fields that have changed. */
export interface State {
  /** The open image. */
  imageId: string | null;
  /** Grows by one with every opened image. */
  epoch: number;
  /** In the order in which they are shown. */
  labels: LabelInfo[];
  /** The chosen one. */
  label: string;
  /** The value that strokes and prompts for the label of objects get; null where none are told apart. */
  activeObject: number | null;
  /** A prompt that lies on no object begins a new one. */
  objectEachPrompt: boolean;
  /** Structures that the chosen model finds and that are no labels yet. */
  offeredLabels: string[];
  /** The app's models. */
  models: ModelInfo[];
  /** The chosen one. */
  model: string | null;
  /** The app's strategies. */
  strategies: NamedInfo[];
  /** The chosen one. */
  strategy: string;
  /** Whether what each strategy goes by is there, by its name. */
  readiness: Record<string, ReadinessInfo>;
  /** Why the open image was chosen, in words; empty where a person chose it. */
  reason: string;
  /** How far the person is with looking through finished labels; null while that is not done. */
  review: ReviewInfo | null;
  /** How unsure a model is of the open image. */
  uncertainty: UncertaintyInfo;
  /** What the pointer does; one for all pages. */
  tool: ToolName;
  /** The model runs after every prompt; else the prompts wait for "run". */
  autoRun: boolean;
  /** Models are told which voxels hold another label than the one asked for. */
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
  /** There is a step to take back. */
  canUndo: boolean;
  /** There is a step to do again. */
  canRedo: boolean;
  /** The draft has changes that are not saved. */
  dirty: boolean;
  /** Why they are in memory alone, where the kernel's end would lose them; null while they are on disk. */
  notOnDisk: string | null;
  /** The models that made the draft, with their versions. */
  madeBy: string[];
  /** What the kernel is doing for the person, as words ("click is running"), or null. */
  busy: string | null;
  /** What the kernel is doing can still be given up; a save cannot once it is decided. */
  canCancel: boolean;
  /** The draft is being saved; `busy` may name something newer. */
  saving: boolean;
  /** What was done last ("Saved as final"), or null. */
  notice: string | null;
  /** How many images there are. */
  images: number;
  /** How many have a label. */
  labelled: number;
  /** An image was shown before this one. */
  canGoBack: boolean;
  /** The structure whose newest mask ends where the model stopped looking; null where it does not. */
  cutOff: string | null;
  /** What went wrong and was not read yet, the newest last. */
  errors: string[];
  /** The saved label, where it cannot be shown; null where it is, or there is none. */
  unshownLabel: UnshownLabelInfo | null;
  /** The saved label that is shown beside the draft. */
  comparing: ComparisonInfo | null;
  /** Who annotated the open image elsewhere, known once a label of it is compared; null where nobody did. */
  sendBack: SendBackInfo | null;
  /** What can be trained; null where nothing can. */
  training: TrainingInfo;
  /** The model that makes first masks; null where the app has no such model. */
  firstMasks: PreAnnotationInfo | null;
  /** What labels cost is logged: pages tell what is done on them. */
  logEffort: boolean;
  /** What the open image shows as a whole, for each classification of the app. */
  imageTags: TagInfo[];
  /** What the model that answered last told of the open image beside a mask; null for nothing. */
  result: ResultInfo | null;
  /** Who works here. */
  annotator: AnnotatorInfo;
  /** Who works on the open image; null where nobody does, or nothing is kept of it. */
  lease: LeaseInfo | null;
  /** The person is one of several who read the open image; null where they are not. */
  reading: ReadingInfo | null;
  /** What a reviewer said of the saved label of the open image; null where nobody did. */
  verdict: VerdictInfo | null;
  /** The notes on the open image, the oldest first. */
  imageNotes: ImageNoteInfo[];
}

/** What a page asks of the kernel. */
export type Ask =
  /**
   * A page has appeared, or has its connection again: it wants to know everything.
   * `views`: how often it shows the labeler.
   */
  | { type: "hello"; client: string; protocol: number; views?: number }
  /** How many views of the labeler this page has now. */
  | { type: "shown"; client: string; views: number }
  /** Ask for `count` more pieces of a stream; a page keeps four under way. */
  | { type: "pull"; client: string; epoch: number; stream: number; count: number }
  /** Open an image; `discard` gives up changes that are not saved. */
  | { type: "open"; image: string; discard?: boolean }
  /** Look through finished labels no more. */
  | { type: "end_review" }
  /** The person has read these errors. */
  | { type: "errors_read"; errors: string[] }
  /**
   * Add a prompt and run the model, unless prompts wait.
   * `axis` is the array axis across the plane that was clicked; `slice` is what that plane shows, for a prompt that
   * has no place.
   */
  | { type: "prompt"; epoch: number; prompt: PromptInfo; axis: number; slice?: number }
  /** A prompt was moved. */
  | { type: "change_prompt"; epoch: number; id: string; prompt: PromptInfo }
  /** Remove a prompt, and what came of it where none is left. */
  | { type: "remove_prompt"; epoch: number; id: string }
  /** Forget the prompts; what they made stays. */
  | { type: "clear_prompts"; epoch: number }
  /** Run the chosen model: an automatic one, or an interactive one again with the present prompts. */
  | { type: "run"; epoch: number; axis: number; slice?: number }
  /** Give up what the kernel is doing. */
  | { type: "cancel" }
  /** Run the model after every prompt, or only when asked. */
  | { type: "auto_run"; on: boolean }
  /** Tell models which voxels hold another label, or not. */
  | { type: "others_as_background"; on: boolean }
  /** Mark what the last answer is not sure of, or not; where that is not known, the model is asked again. */
  | { type: "uncertain_border"; on: boolean }
  /** Show over the slices how unsure a model is of each voxel, or not. */
  | { type: "show_uncertainty"; on: boolean }
  /** Go to the next place at which a model is least sure; answered by `GoTo`. */
  | { type: "where_needed"; client: string; epoch: number }
  /** Tell the objects of a label apart, or not any more. */
  | { type: "tell_apart"; value: number; apart: boolean }
  /** Begin a new object, with the next free value. */
  | { type: "new_object" }
  /** Go on with the object of that value. */
  | { type: "choose_object"; value: number }
  /** A prompt that lies on no object begins a new one, or goes on with the active one. */
  | { type: "object_each_prompt"; on: boolean }
  /** Lock a label, or unlock it. */
  | { type: "lock"; value: number; locked: boolean }
  /** Paint over what has no label alone, or over other labels too. */
  | { type: "over_background"; on: boolean }
  /** Add a label. The label set is kept with the studies; labels are named by values, which never change. */
  | { type: "add_label"; name: string; color?: string }
  /** Add several labels, such as all that a model finds. */
  | { type: "add_labels"; names: string[] }
  /** Give a label another name. */
  | { type: "rename_label"; value: number; name: string }
  /** Give a label another colour, `#rrggbb`. */
  | { type: "recolor_label"; value: number; color: string }
  /** Put a label at another place in the list, from 0. */
  | { type: "move_label"; value: number; place: number }
  /** Its voxels in this draft become those of the other label: one step of undo, the label included. */
  | { type: "merge_label"; value: number; into: number }
  /** Its voxels in this draft become background: one step of undo, the label included. */
  | { type: "delete_label"; value: number }
  /**
   * A stroke that is already painted on the page.
   * The voxels of `region` marked in the one buffer (zlib, one byte a voxel, 0 or 1) now have `value` (0 = erased).
   * A stroke too large for a message comes in parts, all but the last with `more`: one step of undo. The last says the
   * `length` of the way that all of it was drawn along, in mm.
   */
  | { type: "edit"; epoch: number; region: Region; value: number; more?: boolean; length?: number }
  /**
   * Do something with a whole label (`value`), as one step of undo.
   * `axis` and `slice` say where the person works; the parameters of each operation are those of
   * `jlabel/editing/operations.py`.
   */
  | { type: "operate"; epoch: number; operation: OperationName; parameters: Record<string, unknown>; axis: number; slice: number; value: number }
  /** How the image is looked at, for the still picture in the notebook; said when it has not changed for a while. */
  | { type: "viewport"; epoch: number; cursor: [number, number, number]; window: [number, number]; hidden: number[]; opacity: number }
  /**
   * What the person has done on this page since it was said last; said every few seconds while there is any.
   * `spans`: seconds from now back to the beginning and the end of each span in which keys or the pointer were used.
   * `slices`: the array axis across each slice that was looked at, and its index.
   */
  | { type: "work"; epoch: number; spans: [number, number][]; slices: [number, number][] }
  /** The script of the 3D view: see `js/src/view3d/api.ts`. */
  | { type: "view3d"; client: string }
  /** The labels' surfaces as the draft is now, less those that the page has (version by label value). */
  | { type: "surfaces"; client: string; epoch: number; known: Record<number, number> }
  /** The volume, small enough to be seen as a whole, through a window. */
  | { type: "volume3d"; client: string; epoch: number; window: [number, number] }
  /** This page wants no more of the surfaces and the volume that it asked for; what is found already is kept. */
  | { type: "stop3d"; client: string }
  /**
   * A page of the list of images; answered by `Images` with the same `request`.
   * `least_score`: only images with a score that is not less; heeded where there are scores. `tagged`: only images
   * with that tag.
   * With `again` it renews what is shown: the folder is not looked through for new files then.
   */
  | { type: "browse"; client: string; request: number; search: string; state: ImageFilter | null; offset: number; limit: number; again?: boolean; order?: ImageOrder; leastScore?: number; tagged?: TagChoice }
  /** Small pictures of these images, in the place of those that the page has asked for before. */
  | { type: "thumbnails"; client: string; images: string[] }
  /** Show another frame of a 4D image. */
  | { type: "frame"; epoch: number; frame: number }
  /** All saved labels of the image; answered by `Versions`. */
  | { type: "versions"; client: string; epoch: number }
  /** Put a saved label, or one `value` of it, in the place of the draft. `version` null is the current one. */
  | { type: "take_over"; epoch: number; tag: string; version: number | null; value: number | null }
  /** Show a saved label beside the draft; `tag` null leaves the choice to the kernel. */
  | { type: "compare"; epoch: number; tag: string | null; version: number | null }
  /** Show the draft alone. */
  | { type: "stop_comparing" }
  /** Send the image back to who annotated it, with a comment at a voxel. */
  | { type: "send_back"; epoch: number; position: Position; message: string }
  /** Begin a training in the background; refused while one runs or waits. */
  | { type: "train"; name: string }
  /** Stop the training; what it has learnt is kept. */
  | { type: "cancel_training" }
  /** Go on with the training that is shown, which failed or was cancelled. */
  | { type: "resume_training" }
  /** Begin trainings by themselves, or not. */
  | { type: "auto_train"; on: boolean }
  /** Choose what is trained. */
  | { type: "choose_trainer"; name: string }
  /** Run a model over all images without a label, in the background; refused while that is done already. */
  | { type: "first_masks" }
  /** Stop making first masks; those that are made are kept. */
  | { type: "cancel_first_masks" }
  /** Go on making first masks, where that failed or was cancelled. */
  | { type: "resume_first_masks" }
  /** The person is about to choose a strategy: whether what each goes by is there is to be told as it is now. */
  | { type: "strategies" }
  /** Begin to score the images by this method, in the background. */
  | { type: "score"; method: string }
  /** Stop scoring images; the scores that are there are kept. */
  | { type: "cancel_scoring" }
  /** Go on scoring images, where that failed or was cancelled. */
  | { type: "resume_scoring" }
  /** Choose a model, a strategy, a label or a tool by its name. */
  | { type: "choose"; what: Choice; value: string }
  /** Open the image that the strategy chooses. */
  | { type: "next"; epoch?: number; discard?: boolean }
  /** Open the image that was shown before; `Next` then goes forward again. */
  | { type: "previous"; epoch?: number; discard?: boolean }
  /** Put the image last and open the next. */
  | { type: "skip"; epoch?: number; discard?: boolean }
  /**
   * Look through finished labels: `Next` goes on among them from now on; for the order see
   * `ReviewInfo`.
   */
  | { type: "review"; epoch?: number; discard?: boolean; order?: ReviewOrder }
  /** The open label was looked at and is right; open the next one of the review. */
  | { type: "looks_right"; epoch?: number; discard?: boolean }
  /**
   * Save the draft; `replace` also in the place of a saved label that could not be shown.
   * `anyway`: also where somebody else works on the image; both versions are kept.
   */
  | { type: "save"; epoch?: number; replace?: boolean; anyway?: boolean }
  /** Show the saved label that does not lie in the image's grid, fitted into it. */
  | { type: "fit_label"; epoch?: number }
  /** Take the last step back. */
  | { type: "undo"; epoch?: number }
  /** Do the last undone step again. */
  | { type: "redo"; epoch?: number }
  /** The structure goes on beyond where the model looked: ask for it again in a larger region. */
  | { type: "look_further"; epoch?: number }
  /** The open image has those classes of a classification, a person says; none take back what was said. */
  | { type: "tag_image"; epoch: number; name: string; values: string[] }
  /** Ask the model that tells the classes of this classification. */
  | { type: "ask_for_tag"; epoch: number; name: string }
  /** Take the open image from whoever works on it. */
  | { type: "take_over_image"; epoch?: number }
  /** Give the open image back: it stays open to be looked at, and anybody can be given it. */
  | { type: "release_image"; epoch?: number }
  /** Accept the saved label of the open image; in a review the next one is opened. */
  | { type: "accept_label"; epoch?: number; comment?: string; discard?: boolean }
  /**
   * Send the saved label of the open image back to who made it; in a review the next one is opened.
   * `place` is the voxel that the comment is about.
   */
  | { type: "send_label_back"; epoch?: number; comment?: string; place?: Position; discard?: boolean }
  /** The person says who they are; it is kept for the next time. */
  | { type: "set_annotator"; name: string }
  /** Add a note to the open image. */
  | { type: "note_image"; epoch?: number; text?: string }
  /** Who works on what; answered by `TeamStatus`. With `agreement` the labels of readers are compared. */
  | { type: "ask_for_team"; client: string; agreement?: boolean }
  /**
   * The person is at the open image, if only to look: said once a minute at most, while keys or pointer are used.
   * A page says so only while the image is the person's.
   */
  | { type: "person_present"; epoch: number };

/** What the kernel tells the pages. */
export type Tell =
  /** Everything small that the kernel knows, for a page that is new. */
  | { type: "state"; client?: string; state: State }
  /** What is another now, of what `WholeState` says; the rest is as it was. */
  | { type: "changed"; client?: string; state: Partial<State> }
  /**
   * All messages of this page up to `seq` were handled.
   * `early`: the one of that number was not, since one before it is missing.
   */
  | { type: "ack"; client: string; seq: number; early?: number }
  /** Every page is to say how many views of the labeler it has (`Shown`). */
  | { type: "who_shows"; client?: string }
  /** A new image: forget the former one. The mask starts as all 0. */
  | { type: "image"; client?: string; epoch: number; header: Header }
  /** One slice ahead of the stream: buffer of its voxels, the two other array axes in increasing order. */
  | { type: "slice"; client?: string; epoch: number; normal: number; index: number }
  /** The stream is ready to be pulled: `bytes` in all, in `pieces` pieces. */
  | { type: "stream"; client: string; epoch: number; stream: number; bytes: number; pieces: number }
  /** A piece: one buffer, to be put at byte `offset` of the volume. Pieces come in any order, the middle first. */
  | { type: "piece"; client: string; epoch: number; stream: number; offset: number }
  /**
   * The mask in `region` is now this (buffer of `dtype`).
   * `acked` is the `seq` of each client's last stroke that it holds: a page paints its own later strokes over it
   * again.
   */
  | { type: "mask"; client?: string; epoch: number; region: Region; dtype: MaskDtype; acked: Record<string, number> }
  /** A stroke was taken: region, value and buffer for the other pages; the sender drops it from its list. */
  | { type: "edited"; client: string; epoch: number; seq: number; value: number; region: Region }
  /** What was undone or redone lies here: a view that shows none of it goes there. */
  | { type: "reveal"; client?: string; epoch: number; region: Region }
  /**
   * Images of the list from `offset` on; the whole list has `total`. `notes` say what was left out of it.
   * `scores` says which scores the images have; null where there are none.
   */
  | { type: "images"; client: string; request: number; offset: number; total: number; entries: ImageRow[]; notes: string[]; scores: string | null }
  /** A buffer with a JPEG, or the problem in words. */
  | { type: "thumbnail"; client: string; image: string; problem?: string }
  /**
   * All prompts by id, in order.
   * `put` are those that are new or another, or some of them: more of these messages follow.
   */
  | { type: "prompts"; client?: string; epoch: number; ids: string[]; put: PromptInfo[] }
  /** Another frame of the same image: its slices and its stream follow. The mask stays. */
  | { type: "frame"; client?: string; epoch: number; frame: number }
  /** All saved labels of the image. */
  | { type: "versions"; client: string; epoch: number; tags: TagVersions[] }
  /** The label beside the draft in `region` (buffer of `dtype`); the rest of it is 0. */
  | { type: "other"; client?: string; epoch: number; number: number; region: Region; dtype: MaskDtype }
  /**
   * Voxels of label `value` that the model's last answer is not sure of.
   * Buffer (uint8): 1 where it is not, in `region`, a part of `box`. Another `number` begins anew, with all 0.
   */
  | { type: "uncertain"; client?: string; epoch: number; number: number; value: number; box: Region; region: Region }
  /** There are no uncertain voxels to show. */
  | { type: "no_uncertain"; client?: string; epoch: number }
  /**
   * How unsure a model is of the voxels of `region`, a part of `box`: buffer (uint8) from 0, sure, to 255.
   * It is sure of all other voxels. Another `number` begins anew.
   */
  | { type: "uncertainty"; client?: string; epoch: number; number: number; box: Region; region: Region }
  /** There is no uncertainty to show. */
  | { type: "no_uncertainty"; client?: string; epoch: number }
  /** Move the crosshair there. */
  | { type: "go_to"; client: string; epoch: number; position: Position }
  /** How well the draft agrees with the label of that `number`; `millilitres` of a voxel, null for pictures. */
  | { type: "agreement"; client?: string; epoch: number; number: number; millilitres: number | null; rows: AgreementRow[] }
  /** Voxels of each label value in the draft, and the volume of a voxel in ml (null in a picture). */
  | { type: "volumes"; client?: string; epoch: number; counts: [number, number][]; voxelMl: number | null }
  /** How the newest training stands. */
  | { type: "training"; client?: string; job: JobInfo }
  /** How the newest making of first masks stands. */
  | { type: "first_masks"; client?: string; job: JobInfo }
  /** How the newest scoring of images stands. */
  | { type: "scoring"; client?: string; job: JobInfo }
  /** Images or labels have come or gone: an open list of images is to be asked for again. */
  | { type: "images_changed"; client?: string }
  /** Who works on what, how many images are how far, and how well readers agree (empty where that was not asked). */
  | { type: "team"; client: string; members: TeamMemberInfo[]; toDo: number; waiting: number; accepted: number; sentBack: number; readBySeveral: number; readByAll: number; agreement: LabelAgreementInfo[] }
  /** What went wrong, in words. */
  | { type: "error"; client?: string; text: string }
  /** How far the kernel is with what it does, 0 to 1. */
  | { type: "progress"; client?: string; epoch: number; text: string; fraction: number }
  /** A piece of the 3D view's script, or why there is none. Pieces come in order; together they are zlib. */
  | { type: "view3d"; client: string; piece: number; pieces: number; error?: string }
  /** Which labels have a surface, and how many are still to be found. */
  | { type: "surfaces"; client: string; epoch: number; labels: number[]; left: number }
  /** A piece of a surface: float32 x, y, z of each vertex in RAS+ mm, then uint32 indices of each triangle. */
  | { type: "surface"; client: string; epoch: number; value: number; version: number; vertices: number; piece: number; pieces: number }
  /** A piece of the volume: one byte a voxel, the first axis the fastest. */
  | { type: "volume3d"; client: string; epoch: number; shape: Position; affine: number[][]; piece: number; pieces: number };
