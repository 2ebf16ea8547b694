// NiiVue with an image and a label overlay; the benchmark calls what this leaves on the window.
import { Niivue, SLICE_TYPE } from "@niivue/niivue";

const canvas = document.querySelector("canvas");
const niivue = new Niivue({ isResizeCanvas: false, backColor: [0, 0, 0, 1] });
await niivue.attachToCanvas(canvas);
niivue.setSliceType(SLICE_TYPE.MULTIPLANAR);
niivue.opts.multiplanarShowRender = 0;

window.load = async () => {
  await niivue.loadVolumes([
    { url: "case_0.nii.gz", colormap: "gray" },
    { url: "label.nii.gz", colormap: "red", opacity: 0.5, cal_min: 0, cal_max: 1 },
  ]);
};

// A frame is done when a pixel of it can be read.
function finish() {
  niivue.gl.readPixels(0, 0, 1, 1, niivue.gl.RGBA, niivue.gl.UNSIGNED_BYTE, new Uint8Array(4));
}

const changes = {
  step(round) {
    niivue.moveCrosshairInVox(0, 0, round % 2 ? 1 : -1);
  },
  window(round) {
    niivue.volumes[0].cal_max += round % 2 ? 5 : -5;
    niivue.updateGLVolume();
  },
  overlay() {
    niivue.volumes[1].img.reverse();
    niivue.updateGLVolume();
  },
};

/** Milliseconds of each of `rounds` changes, from the call to the finished frame. */
window.measure = (what, rounds) =>
  Array.from({ length: rounds }, (_, round) => {
    const start = performance.now();
    changes[what](round);
    niivue.drawScene();
    finish();
    return performance.now() - start;
  });
window.ready = true;
