"""What runs in the kernel of the widget's benchmark: an app whose model answers at once, and a bare echo, the floor."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import anywidget
import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from jlabel import AppManager, InferRequest, InteractiveTask, Job, LabelApp, Labeler, RadiologyApp, Strategy
from jlabel.click import ClickSegment
from jlabel.datastores import Datastore
from jlabel.imaging import Region, encode_voxels
from jlabel.tasks.crop import Crop

RADIUS = 12
_BALL = np.linalg.norm(np.indices((2 * RADIUS + 1,) * 3) - RADIUS, axis=0) <= RADIUS
# What happened in the kernel, in milliseconds since 1970: the clock that the page has, too.
stamps: list[tuple[str, float]] = []


def stamp(what: str) -> None:
    stamps.append((what, time.time() * 1000))


class Ball(InteractiveTask):
    """Answers with a ball, worked out beforehand, around every click."""

    def pre_transforms(self, data: dict[str, Any]) -> Sequence[Any]:
        return []

    inferer = post_transforms = pre_transforms

    def segment(self, crop: Crop, request: InferRequest, watch: Any) -> NDArray[np.bool_]:
        stamp("asked")
        inside = np.zeros(crop.shape, bool)
        for prompt in crop.prompts:
            ball = Region.around([prompt.position]).grow(RADIUS, crop.shape)
            inside[ball.slices] |= _BALL[tuple(slice(0, n) for n in ball.shape)]
        return inside


class InTurn(Strategy):
    """Every image once, whether or not it has a label."""

    def __init__(self) -> None:
        super().__init__("One after the other")
        self._numbers = itertools.count()

    def __call__(self, request: Mapping[str, Any], datastore: Datastore) -> str | None:
        ids = datastore.list_images()
        return ids[next(self._numbers) % len(ids)]


class App(LabelApp):
    def init_infers(self) -> dict[str, Any]:
        return {"ball": Ball(), "click": ClickSegment(labels=self.labels)}

    def init_strategies(self) -> dict[str, Any]:
        return {"in turn": InTurn()}


class TimedLabeler(Labeler):
    """The labeler, which notes when a click came in and when its mask had been sent."""

    def _on_message(self, widget: Any, ask: Any, buffers: Sequence[Any]) -> None:
        if ask.get("type") == "prompt":
            stamp("heard")
        super()._on_message(widget, ask, buffers)

    def time_answers(self) -> None:
        """Note from now on when a mask is found and when it has been sent."""
        pages = self._controller.pages
        show = pages.show_mask

        def show_mask(*what: Any) -> None:
            stamp("answered")
            show(*what)
            stamp("sent")

        pages.show_mask = show_mask  # type: ignore[method-assign]


class Echo(anywidget.AnyWidget):
    """The floor: a message there, the same bytes back, drawn on a canvas of the size of a pane; and a bare stream."""

    _esm = """
    export default { render({ model, el }) {
      const canvas = Object.assign(document.createElement("canvas"), { className: "bench-floor" });
      el.append(canvas);
      let left = 0, total = 0, voxels = null;
      canvas.stream = (bytes) => {
        [left, total, voxels] = [bytes, bytes, new Uint8Array(bytes)];
        for (let i = 0; i < 4; i++) model.send({ type: "piece" });
      };
      canvas.addEventListener("pointerup", () => model.send({ type: "echo" }));
      const draw = (mask) => {
        const context = canvas.getContext("2d");
        const image = context.createImageData(canvas.width, canvas.height);
        const pixels = new Uint32Array(image.data.buffer);
        for (let i = 0; i < pixels.length; i++) pixels[i] = mask[i % mask.length] ? 0xff0000ff : 0xff000000;
        context.putImageData(image, 0, 0);
        performance.mark("floor:painted");
      };
      const unpack = async (packed) => {
        const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
        return new Uint8Array(await new Response(stream).arrayBuffer());
      };
      model.on("msg:custom", async (content, [buffer]) => {
        if (content.type === "echo") {
          const mask = await unpack(buffer);
          requestAnimationFrame(() => draw(mask));
          return;
        }
        if (left <= 0) return;
        const piece = new Uint8Array(buffer.buffer, buffer.byteOffset, Math.min(left, buffer.byteLength));
        voxels.set(piece, total - left);
        left -= piece.length;
        if (left > 0) model.send({ type: "piece" });
        else performance.mark("floor:streamed");
      });
    }};
    """

    def __init__(self) -> None:
        super().__init__()
        self._mask = encode_voxels(_BALL.astype(np.uint8))
        self._piece = np.random.default_rng(0).bytes(4_000_000)
        self.on_msg(self._answer)

    def _answer(self, _: Any, content: dict[str, Any], buffers: Any) -> None:
        echo = content["type"] == "echo"
        self.send({"type": content["type"]}, [self._mask if echo else self._piece])


def make_labeler(studies: str) -> TimedLabeler:
    labeler = TimedLabeler(AppManager(App(studies, labels=["organ"])))
    labeler.model = "ball"
    labeler.time_answers()
    return labeler


def clicking_labeler(studies: str, model: str) -> Labeler:
    """A labeler with four labels that clicks with ``ball``, which answers at once, or with the shipped ``click``."""
    app = RadiologyApp(studies, labels=["one", "two", "three", "four"])
    app.infers["ball"] = Ball()
    labeler = Labeler(AppManager(app))
    labeler.model = model
    return labeler


def painted_labeler(studies: str) -> Labeler:
    """A labeler whose image has a label: an ellipsoid half as large as the image along each axis."""
    manager = AppManager(App(studies, labels=["organ", "tumour"]))
    image_id = manager.datastore.list_images()[0]
    mask = np.zeros(manager.image(image_id).shape, np.uint8, order="F")
    axes = [np.linspace(-2, 2, n) ** 2 for n in mask.shape]
    for k, height in enumerate(axes[2]):
        mask[:, :, k] = np.add.outer(axes[0], axes[1]) + height < 1
    manager.save_label(image_id, mask)
    return Labeler(manager, image_id=image_id)


def start_training(studies: str) -> Job:
    """A training of the shipped network on a few small volumes with a ball in each, in the background."""
    folder = Path(studies).parent / "training"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(6):
        voxels = rng.normal(0, 1, (64, 64, 64)).astype(np.float32)
        voxels[20:45, 20:45, 20:45] += 3 * _BALL
        nib.save(nib.Nifti1Image(voxels, np.eye(4)), folder / f"case_{number}.nii.gz")
    manager = AppManager(RadiologyApp(folder, labels=["organ"]))
    label = np.zeros((64, 64, 64), np.uint8)
    label[20:45, 20:45, 20:45] = _BALL
    for image_id in manager.datastore.list_images():
        manager.save_label(image_id, label)
    return manager.train("segmentation", max_epochs=10_000, device="cpu")


def start_scoring(studies: str) -> tuple[Job, Callable[[], int]]:
    """Scores by entropy of many volumes, in the background, and what counts those that are there.

    The version of the shipped network was never trained: that takes as long.
    """
    from safetensors.torch import save_file

    from jlabel.registry import ModelStore, ModelVersion
    from jlabel.segmentation.network import make_network
    from jlabel.segmentation.plan import Plan

    folder = Path(studies).parent / "scoring"
    folder.mkdir()
    voxels = np.random.default_rng(0).normal(0, 1, (128, 128, 64)).astype(np.float32)
    nib.save(nib.Nifti1Image(voxels, np.eye(4)), folder / "case_0.nii")
    for number in range(1, 200):
        (folder / f"case_{number}.nii").hardlink_to(folder / "case_0.nii")
    manager = AppManager(RadiologyApp(folder, labels=["organ"]))
    strides, channels = ((2, 2, 2),) * 4, (16, 32, 64, 128, 256)
    plan = Plan((1.0, 1.0, 1.0), (64, 64, 64), strides, channels, None)
    models = manager.datastore.workspace.models_folder()
    assert models is not None
    models.mkdir(parents=True, exist_ok=True)
    save_file(make_network(plan, 2).state_dict(), models / "new.safetensors")
    version = ModelVersion("segmentation", 0, labels={"organ": 1}, network=plan.to_json())
    store = ModelStore(models)
    store.use("segmentation", store.publish(version, models / "new.safetensors").number)
    return manager.score("entropy", device="cpu"), lambda: len(
        manager.datastore.scores.scored("entropy", "segmentation", 1)
    )


def turn_label(labeler: Labeler) -> None:
    """Another label of the whole image: the present one turned around."""
    with labeler._controller.lock:
        opened = labeler._controller.require_image()
        turned = np.asfortranarray(opened.draft.mask[::-1])
        opened.draft.change(Region.whole(turned.shape), turned)
        labeler._controller.pages.show_mask(opened, Region.whole(turned.shape))


def timed(work: Callable[[], Any]) -> float:
    """Milliseconds that it takes."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def bare_read_ms(path: str) -> float:
    """What nibabel takes to read the file."""
    start = time.perf_counter()
    np.asanyarray(nib.load(path).dataobj)
    return (time.perf_counter() - start) * 1000
