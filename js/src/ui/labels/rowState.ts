// What a row of the label list is given, and what all rows share.
import type { Signal } from "@preact/signals";
import type { LabelInfo } from "../../protocol";
import type { ViewState } from "../../view/viewState";

export interface Dragged {
  value: number;
  /** The label whose place it takes when it is let go. */
  over: number;
}

export interface Removing {
  value: number;
  /** The label that gets the voxels; null where they become background. */
  into: number | null;
}

/** What the list is busy with; labels are named by their values. */
export interface RowState {
  /** The label whose details are open; `byKey` where the focus goes there too. */
  open: Signal<{ value: number; byKey: boolean } | null>;
  renaming: Signal<number | null>;
  removing: Signal<Removing | null>;
  /** The row that had the focus last. */
  focused: Signal<number | null>;
  dragged: Signal<Dragged | null>;
}

export interface RowProps {
  view: ViewState;
  rows: RowState;
  label: LabelInfo;
  /** In the whole list, from 0. */
  place: number;
  /** The tab key leads here. */
  reachable: boolean;
}
