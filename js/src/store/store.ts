// What one labeler in one page knows: what the kernel told, and what the person does about it. All views share it. It is
// made of slices, each of which knows one thing.
import { type Signal, signal } from "@preact/signals";
import { Brush } from "./brush";
import { Choices } from "./choices";
import { LabelComparison } from "./comparison";
import { Connection, type WidgetModel } from "./connection";
import { Dispatcher } from "./dispatcher";
import { Display } from "./display";
import { Draft } from "./draft";
import { Effort } from "./effort";
import { Frames } from "./frames";
import { ImageList } from "./imageList";
import { ImageTags } from "./imageTags";
import { Kernel } from "./kernel";
import { LabelOperations } from "./labelOperations";
import { Labels } from "./labels";
import { LabelVersions } from "./labelVersions";
import { Objects } from "./objects";
import { OpenImage } from "./openImage";
import { PaintSettings } from "./paintSettings";
import { PolygonSketch } from "./polygonSketch";
import { PreAnnotation } from "./preAnnotation";
import { Presence } from "./presence";
import { Prompts } from "./prompts";
import { Review } from "./review";
import { Scoring } from "./scoring";
import { SendBack } from "./sendBack";
import type { Slice } from "./slice";
import { Switch } from "./switch";
import { Teamwork } from "./teamwork";
import { ToolChoice } from "./toolChoice";
import { Training } from "./training";
import { UncertainBorder } from "./uncertainBorder";
import { Uncertainty } from "./uncertainty";
import { UnheardStrokes } from "./unheardStrokes";
import { Verdicts } from "./verdicts";
import { View3d } from "./view3d";
import { viewportReport } from "./viewport";

/** Every slice by its name, in the order in which they hear of what concerns all of them. */
function slicesOf(connection: Connection) {
  const image = new OpenImage(connection);
  const kernel = new Kernel(connection, image);
  const draft = new Draft(kernel, image);
  const display = new Display();
  const objects = new Objects(kernel);
  const choices = new Choices(kernel, objects);
  const paintSettings = new PaintSettings(kernel);
  const imageList = new ImageList(kernel);
  return {
    kernel,
    image,
    draft,
    display,
    objects,
    choices,
    toolChoice: new ToolChoice(kernel, display),
    paintSettings,
    imageList,
    labels: new Labels(kernel, objects),
    imageTags: new ImageTags(kernel, image),
    polygon: new PolygonSketch(display),
    operations: new LabelOperations(kernel, { image, draft, display, choices, paintSettings }),
    prompts: new Prompts(kernel, image, objects),
    /** Models are told which voxels hold another label. */
    othersAsBackground: new Switch(kernel, "others_as_background", (state) => state.othersAsBackground),
    uncertainBorder: new UncertainBorder(kernel),
    uncertainty: new Uncertainty(kernel, image, display),
    comparison: new LabelComparison(kernel, image),
    versions: new LabelVersions(kernel, image),
    sendBack: new SendBack(kernel, image, display),
    teamwork: new Teamwork(kernel, image),
    verdicts: new Verdicts(kernel, image, display),
    frames: new Frames(kernel, image, draft),
    view3d: new View3d(kernel, { image, draft, display }),
    training: new Training(kernel),
    scoring: new Scoring(kernel),
    preAnnotation: new PreAnnotation(kernel, imageList),
    viewport: viewportReport(kernel, image, display),
    effort: new Effort(kernel, connection, image),
    presence: new Presence(kernel, connection, image),
    unheardStrokes: new UnheardStrokes(connection, image, draft),
  };
}

export function createStore(model: WidgetModel) {
  const connection: Connection = new Connection(model, (message, buffers) => dispatcher.take(message, buffers));
  const named = slicesOf(connection);
  const slices: readonly Slice[] = Object.values(named);
  const dispatcher = new Dispatcher(slices, named.image, named.kernel);
  /** Keys for actions that were given from Python, by the action's id. */
  const givenKeys: Signal<Readonly<Record<string, readonly string[]>>> = signal({});
  const close = () => {
    for (const slice of slices) slice.dispose?.();
    connection.close();
  };
  // They are told of nothing, so they are no slices.
  const brush = new Brush(named.kernel, named.image);
  const review = new Review(named.kernel);
  return { ...named, brush, review, connection, givenKeys, close };
}

export type Store = ReturnType<typeof createStore>;
