/** What is drawn with, over a slice. */
export type Pen = CanvasRenderingContext2D;
