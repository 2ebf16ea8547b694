// A store with an image open, and a kernel that the test plays.
import type { Ask, Header, State, Tell } from "../src/protocol";
import { createStore } from "../src/store/store";
import type { Buffer } from "../src/volume/codec";

export const HEADER: Header = {
  id: "a.nii.gz",
  shape: [8, 6, 4],
  dtype: "uint8",
  channels: 1,
  spacing: [1, 1, 1],
  affine: [
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 1, 0],
    [0, 0, 0, 1],
  ],
  oriented: true,
  planes: [
    { name: "axial", normal: 2, right: [0, -1], down: [1, -1], letters: ["R", "L", "A", "P"], superiorStep: 1 },
    { name: "coronal", normal: 1, right: [0, -1], down: [2, -1], letters: ["R", "L", "S", "I"], superiorStep: 1 },
    { name: "sagittal", normal: 0, right: [1, -1], down: [2, -1], letters: ["A", "P", "S", "I"], superiorStep: 1 },
  ],
  flat: null,
  window: [0, 255],
  inverted: false,
  frames: 1,
  frame: 0,
  maskDtype: "uint8",
  notes: {},
  stamp: "0123456789abcdef",
};

export const STATE: State = {
  imageId: "a.nii.gz",
  epoch: 1,
  labels: [
    { name: "organ", value: 1, color: "#ff0000" },
    { name: "tumour", value: 2, color: "#00ff00" },
  ],
  label: "organ",
  activeObject: null,
  objectEachPrompt: true,
  offeredLabels: [],
  models: [],
  model: null,
  strategies: [],
  strategy: "random",
  readiness: {},
  reason: "",
  review: null,
  uncertainty: { on: false, model: "", hint: "" },
  tool: "navigate",
  autoRun: true,
  othersAsBackground: true,
  uncertainBorder: false,
  locked: [],
  overBackground: false,
  savedElsewhere: 0,
  palette: ["#e69f00", "#56b4e9"],
  canUndo: false,
  canRedo: false,
  dirty: false,
  notOnDisk: null,
  busy: null,
  canCancel: true,
  saving: false,
  notice: null,
  errors: [],
  cutOff: null,
  unshownLabel: null,
  images: 2,
  labelled: 0,
  canGoBack: false,
  comparing: null,
  sendBack: null,
  training: { trainers: [], trainer: "", auto: false, dueAt: null, versions: {}, dice: {} },
  madeBy: [],
  firstMasks: null,
  logEffort: true,
  imageTags: [],
  result: null,
  annotator: { name: "mia", known: true },
  lease: null,
  reading: null,
  verdict: null,
  imageNotes: [],
};

/** A store, and a kernel that the test plays. */
export function opened() {
  /** What was asked, without the page and the number that all of it has. */
  const asks: { ask: Ask; seq: number | undefined; buffers: Uint8Array[] }[] = [];
  let receive: (message: Tell, buffers: Buffer[]) => void = () => {};
  let connection: (sender: unknown, status: string) => void = () => {};
  const store = createStore({
    send: (message, _, buffers) => {
      const { client: _client, seq, ...ask } = message as Ask & { client?: string; seq?: number };
      asks.push({ ask: ask as Ask, seq, buffers: (buffers ?? []) as Uint8Array[] });
    },
    on: (_, handler) => {
      receive = handler;
    },
    off: () => {},
    widget_manager: {
      kernel: {
        connectionStatusChanged: {
          connect: (slot: typeof connection) => {
            connection = slot;
          },
          disconnect: () => {},
        },
      },
    },
  });
  const tell = (message: Tell, ...buffers: Uint8Array[]) => receive(message, buffers);
  store.connection.viewShown();
  tell({ type: "ack", client: store.connection.client, seq: 0 });
  tell({ type: "state", state: STATE });
  tell({ type: "image", epoch: 1, header: HEADER });
  const said = (type: Ask["type"]) => asks.filter(({ ask }) => ask.type === type);
  return { store, tell, asks, said, connect: (status: string) => connection(null, status) };
}
