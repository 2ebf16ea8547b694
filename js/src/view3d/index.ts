// The entry of the 3D view's own script: see build.mjs.
import type { View3dModule } from "./api";
import { ThreeScene } from "./scene";

export const createScene: View3dModule["createScene"] = (canvas) => new ThreeScene(canvas);
