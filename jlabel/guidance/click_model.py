"""Networks that were trained from clicks, asked with a person's clicks in a region around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import TaskError
from jlabel.guidance.network_input import SIGMA, place, prepare_slices, with_clicks
from jlabel.imaging import Image
from jlabel.imaging.finite import filled
from jlabel.imaging.region import Region
from jlabel.prompts.prompt import Position, Prompt
from jlabel.registry import ModelVersion
from jlabel.segmentation.network import prepare
from jlabel.segmentation.plan import Plan
from jlabel.tasks.crop import Crop, pointed_region
from jlabel.tasks.interactive import InteractiveTask
from jlabel.tasks.keys import IMAGE, MODEL, PRED, Step
from jlabel.tasks.request import InferRequest, InferResult, Stopwatch
from jlabel.tasks.stages import Callbacks

if TYPE_CHECKING:
    from monai.data import MetaTensor

_SAMPLE = 1_000_000


class ClickModel(InteractiveTask):
    """What tasks have in common whose network a train task of :mod:`jlabel.click_training` publishes.

    The region is as large as the network's patch, in mm, where the image and the clicks allow. It is brought to the
    spacing, orientation and intensities that the training saw, and the answer back to the image's grid.
    """

    max_grow = 0

    def __call__(self, request: InferRequest, callbacks: Callbacks | None = None) -> InferResult:
        """Segment the structure that the prompts point at, with the version in use when the call began."""
        version = self.version_in_use()
        if version is None:
            return super().__call__(request, callbacks)
        answer = super().__call__(replace(request, params={**request.params, MODEL: version}), callbacks)
        return replace(answer, version=version.number)

    def first_region(self, prompts: Sequence[Prompt], request: InferRequest, dropped: int | None) -> Region:
        """The patch's size around the prompts, more where they lie further apart, less where the image ends."""
        shape = request.image.shape
        around = pointed_region(prompts) or Region.whole(shape)
        lower, upper = [], []
        for low, up, n, size in zip(around.lower, around.upper, shape, self.sizes(request, dropped), strict=True):
            edge = min(n, size if up - low <= size else round((up - low) * 1.25))
            start = min(max(0, (low + up - edge) // 2), n - edge)
            lower.append(start)
            upper.append(start + edge)
        return Region(tuple(lower), tuple(upper))

    def sizes(self, request: InferRequest, dropped: int | None) -> list[int]:
        """Along each axis of the image, how many of its voxels the network sees; 1 along ``dropped``."""
        version: ModelVersion = request.params[MODEL]
        plan, axes = Plan.from_json(version.network), self.network_axes(version)
        extent = np.array(plan.patch[:axes]) * plan.spacing[:axes]
        kept = [axis for axis in range(request.image.ndim) if axis != dropped]
        if len(kept) != axes:
            return list(request.image.shape)
        order = patient_axes(request.image) if axes == 3 else range(2)
        sizes = [1] * request.image.ndim
        for axis, along in zip(kept, order, strict=True):
            sizes[axis] = max(1, round(extent[along] / request.image.spacing[axis]))
        return sizes

    def logits(
        self, crop: Crop, request: InferRequest, clicks: Sequence[Sequence[Position]], watch: Stopwatch
    ) -> NDArray[np.float32]:
        """What the version's network says of a crop: (channel, \\*crop.shape).

        Args:
            crop: The part of the image.
            request: What was asked; has the version.
            clicks: Positions in the crop for each guidance channel.
            watch: For the stages' times.

        Raises:
            TaskError: The image has other axes than the network, or a step failed.
        """
        from jlabel.tasks.pipeline import request_data
        from jlabel.tasks.transforms import ImageInMemory, offer, restore_space, run_steps

        version: ModelVersion = request.params[MODEL]
        axes = self.network_axes(version)
        if crop.ndim != axes:
            raise TaskError(f"{type(self).__name__} works on {axes}D images, and this one has {crop.ndim} axes")
        with watch.stage("pre"):
            cut = _cut(crop, request.image)
            steps = self._steps(cut, version, request)
            offer(steps, ImageInMemory(cut))
            data = run_steps({**request_data(self, request), IMAGE: str(request.image.path)}, steps, "pre")
            reference: MetaTensor = data[IMAGE]
            placed = [[place(p, cut.affine, reference.affine) for p in positions] for positions in clicks]
            sigma = float(version.network.get("sigma", SIGMA))
            data[IMAGE] = with_clicks(reference.as_tensor(), placed, sigma)
        request.check_cancelled()
        with watch.stage("inferer"):
            data = self.run_inferer(data, device=request.device)
        with watch.stage("post"):
            back = restore_space(data[PRED], reference, steps, cut, IMAGE, nearest=False)
        return np.asarray(back, dtype=np.float32)

    def _steps(self, cut: Image, version: ModelVersion, request: InferRequest) -> list[Step]:
        from monai.transforms import Resized, SpatialPadd

        plan = Plan.from_json(version.network)
        scale = None if plan.window is not None else _scale(request, plan.colours)
        prepared = prepare if self.dimension == 3 else prepare_slices
        steps = prepared((IMAGE,), plan, scale)
        axes = self.network_axes(version)
        patch = plan.patch[:axes]
        order = patient_axes(cut) if axes == 3 else range(2)
        sizes = [0] * axes
        for axis, along in enumerate(order):
            sizes[along] = round(cut.shape[axis] * cut.spacing[axis] / plan.spacing[along])
        if self.max_grow == 0 and any(size > most + 1 for size, most in zip(sizes, patch, strict=True)):
            # A region that does not grow is seen at once, and coarser where the clicks lie far apart.
            smaller = tuple(min(max(1, size), most) for size, most in zip(sizes, patch, strict=True))
            steps.append(Resized(keys=IMAGE, spatial_size=smaller, mode="trilinear" if len(patch) == 3 else "bilinear"))
        return [*steps, SpatialPadd(keys=IMAGE, spatial_size=patch)]


def _cut(crop: Crop, image: Image) -> Image:
    """The crop as an image of its own, where it lies in the patient (a slice: lying flat)."""
    array = filled(crop.array)
    affine = np.diag([*crop.spacing, *(1.0,) * (4 - crop.ndim)])
    if crop.ndim == 3:
        affine = image.affine.copy()
        affine[:3, 3] = (image.affine @ [*crop.region.lower, 1.0])[:3]
    return Image(np.ascontiguousarray(array), affine, channels="rgb" if array.ndim > crop.ndim else "scalar")


def patient_axes(image: Image) -> list[int]:
    """For each array axis the patient's axis (0 to 2) that it mostly runs along."""
    import nibabel as nib

    along = nib.orientations.io_orientation(image.affine)[:3, 0]
    return [0, 1, 2] if np.isnan(along).any() else [int(axis) for axis in along]


def _scale(request: InferRequest, colours: int) -> tuple[float, float]:
    """Mean and deviation of the whole image, as the training knew it; from a part of a large one's voxels.

    Args:
        request: Has the image.
        colours: Channels of the image that the network sees.
    """

    def measure() -> tuple[float, float]:
        array = request.image.array
        step = max(1, int(np.ceil((array.size / _SAMPLE) ** (1 / request.image.ndim))))
        sample = array[(slice(None, None, step),) * request.image.ndim].astype(np.float64)
        sample = filled(sample, padding=request.image.padding)
        if request.image.channels == "rgb" and colours == 1:
            sample = sample.mean(axis=-1)
        return float(sample.mean()), float(sample.std()) or 1.0

    return request.prepared.get(f"intensity-scale-{colours}", measure)
