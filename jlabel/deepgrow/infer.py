"""DeepGrow: a network that sees an image and the clicks, and grows the structure from them.

Sakinis et al. 2019, "Interactive segmentation of medical images through fully convolutional neural networks"
(arXiv:1903.08205).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import TaskError
from jlabel.guidance.click_channels import AddGuidance, pointed_positions
from jlabel.guidance.click_model import ClickModel
from jlabel.imaging.finite import filled
from jlabel.registry import ModelVersion, PublishedModel
from jlabel.segmentation.network import make_network
from jlabel.segmentation.plan import Plan
from jlabel.tasks.crop import Crop
from jlabel.tasks.keys import IMAGE, MODEL, PRED, Step
from jlabel.tasks.request import InferRequest, Stopwatch

if TYPE_CHECKING:
    import torch

_FEATURES = (32, 32, 64, 128, 256, 32)
_INTERPOLATION = {2: "bilinear", 3: "trilinear"}


class DeepGrow(ClickModel):
    """A network on the region around the clicks: the image and two guidance maps go in, one foreground logit comes out.

    The region is as large as the network's input (``roi_size``, in voxels) where the image and the clicks allow; only
    where they do not is it resized to it, and the answer back. Use :class:`DeepGrow2D` or :class:`DeepGrow3D`.

    Args:
        path: A file of weights, or several of which the last that exists is used.
        network: Takes ``(batch, 3, ...)``: image, positive and negative guidance; gives ``(batch, 1, ...)``.
            If not given, MONAI's ``BasicUNet`` with three channels in and one out.
        labels: What the task finds; the app's own labels where not given.
        dimension: 2 (in one slice of a volume, or in a picture) or 3.
        roi_size: Voxels along each axis of the network's input.
        sigma: Of the Gaussians of the guidance maps, in voxels of the input.
        description: For people.
        model_state_dict: Where in the file the network's weights are, if not under a usual name.
        config: Values that a call starts with and may override.
        published: Where the model is found that ``DeepGrow2DTrainTask`` or ``DeepGrow3DTrainTask`` publishes. With a
            version of it in use, that version says how large, how fine and how deep, and files are passed by.
    """

    def __init__(
        self,
        path: str | Path | Sequence[str | Path] | None,
        network: torch.nn.Module | None,
        labels: str | Sequence[str] | Mapping[str, int] | None,
        dimension: int,
        roi_size: Sequence[int],
        sigma: float,
        description: str,
        model_state_dict: str | None,
        config: Mapping[str, Any] | None,
        published: PublishedModel | None,
    ) -> None:
        if len(roi_size) != dimension or min(roi_size) < 1:
            raise TaskError(f"roi_size of {type(self).__name__} has {dimension} sizes above 0, not {tuple(roi_size)}")
        super().__init__(path, network, "deepgrow", labels, dimension, description, model_state_dict, config, published)
        self.roi_size = tuple(int(n) for n in roi_size)
        self.sigma = float(sigma)

    def is_valid(self) -> bool:
        """Whether there are weights: a published version, one of the files, or a network that was given."""
        if self.published is not None:
            with contextlib.suppress(TaskError):
                if self.published.in_use() is not None:
                    return True
        return bool(super().is_valid()) and (bool(self.paths) or self.network is not None)

    def make_network(self, version: ModelVersion) -> torch.nn.Module:
        """The network of the version's plan."""
        plan = Plan.from_json(version.network)
        return make_network(plan, 1, plan.colours + 2, self.dimension)

    def load_network(self, device: str) -> torch.nn.Module | None:
        """The network on the device with its newest weights.

        Raises:
            TaskError: There are no weights, or they do not fit the network.
        """
        if not self.is_valid():
            files = ", ".join(map(str, self.paths)) or "none was given"
            train = "" if self.published is None else f", or a training: manager.train({self.published.name!r})"
            raise TaskError(f"{type(self).__name__} needs a file of weights, and there is none ({files}){train}")
        if self.network is None:
            from jlabel.segmentation.any_size import AnySizeBasicUNet

            self.network = AnySizeBasicUNet(self.dimension, in_channels=3, out_channels=1, features=_FEATURES)
        return super().load_network(device)

    def pre_transforms(self, data: dict[str, Any]) -> Sequence[Step]:
        """From the region ``(1, ...)`` to the network's input ``(3, ...)``."""
        from monai.transforms import NormalizeIntensityd, Resized

        steps: list[Step] = [NormalizeIntensityd(keys=IMAGE)]
        if tuple(data["crop_shape"]) != self.roi_size:
            steps.append(Resized(keys=IMAGE, spatial_size=self.roi_size, mode=_INTERPOLATION[self.dimension]))
        return [*steps, AddGuidance(IMAGE, self.sigma)]

    def inferer(self, data: dict[str, Any]) -> Callable[..., Any] | Sequence[Step]:
        """The network at once on all of its input."""
        from monai.inferers import SimpleInferer

        inferer: Callable[..., Any] = SimpleInferer()
        return inferer

    def post_transforms(self, data: dict[str, Any]) -> Sequence[Step]:
        """From the logit to a mask of the crop."""
        from monai.transforms import Activationsd, AsDiscreted, Resized

        steps: list[Step] = [Activationsd(keys=PRED, sigmoid=True)]
        if tuple(data["crop_shape"]) != self.roi_size:
            steps.append(Resized(keys=PRED, spatial_size=data["crop_shape"], mode=_INTERPOLATION[self.dimension]))
        return [*steps, AsDiscreted(keys=PRED, threshold=0.5)]

    def sizes(self, request: InferRequest, dropped: int | None) -> list[int]:
        """Along each axis of the image, how many of its voxels the network sees; 1 along ``dropped``."""
        if request.params.get(MODEL) is not None:
            return super().sizes(request, dropped)
        shape = request.image.shape
        sizes = list(self.roi_size) if len(shape) == self.dimension + (dropped is not None) else list(shape)
        if dropped is not None:
            sizes.insert(dropped, 1)
        return sizes

    def segment(self, crop: Crop, request: InferRequest, watch: Stopwatch) -> NDArray[np.bool_]:
        """The network's mask of the crop.

        Raises:
            PromptError: There is a prompt that is no click and no scribble.
            TaskError: There are no weights, the image has other axes than the network, or a step failed.
        """
        if request.params.get(MODEL) is not None:
            return np.asarray(self.logits(crop, request, pointed_positions(crop.prompts), watch)[0] > 0)
        return self._segment_with_files(crop, request, watch)

    def _segment_with_files(self, crop: Crop, request: InferRequest, watch: Stopwatch) -> NDArray[np.bool_]:
        from jlabel.tasks.pipeline import request_data
        from jlabel.tasks.transforms import flatten, run_steps

        if crop.ndim != self.dimension:
            raise TaskError(
                f"{type(self).__name__} works on {self.dimension}D images, and this one has {crop.ndim} axes"
            )
        with watch.stage("pre"):
            data = {**request_data(self, request), **self._crop_data(crop)}
            data = run_steps(data, flatten(self.pre_transforms(data)), "pre")
        request.check_cancelled()
        with watch.stage("inferer"):
            data = self.run_inferer(data, device=request.device)
        with watch.stage("post"):
            data = run_steps(data, flatten(self.post_transforms(data)), "post")
            mask = np.asarray(data[PRED])
        if mask.shape != (1, *crop.shape):
            raise TaskError(f"the network's mask has shape {mask.shape}, and the region {(1, *crop.shape)}")
        return np.asarray(mask[0] > 0.5)

    def _crop_data(self, crop: Crop) -> dict[str, Any]:
        import torch

        positive, negative = pointed_positions(crop.prompts)
        array = filled(crop.array.astype(np.float32))
        if array.ndim > crop.ndim:
            array = array.mean(axis=-1)
        image = torch.from_numpy(np.ascontiguousarray(array[None]))
        return {IMAGE: image, "positive": positive, "negative": negative, "crop_shape": crop.shape}


class DeepGrow2D(DeepGrow):
    """Segments a structure in a picture or slice from clicks, with a trained network.

    In a volume it works in the slice of the last click, across the array axis ``axis`` of the request's ``params``.
    A published version that learnt from pictures in colours sees their colours; for ``network`` they are averaged.

    Source: Sakinis et al. 2019 (arXiv:1903.08205).

    Args:
        path: A file of weights, or several, of which the last that exists is used.
        network: Takes ``(batch, 3, i, j)``: image, positive and negative guidance; gives ``(batch, 1, i, j)``. MONAI's
            ``BasicUNet`` with three input channels and one output channel if not given.
        labels: The structures that the task finds; all labels of the app if not given.
        roi_size: Voxels ``(i, j)`` of the network's input.
        sigma: Standard deviation of the Gaussians in the guidance maps, in voxels of the input.
        description: Shown to users.
        model_state_dict: The key of the network's weights in the file, if it is none of the usual ones.
        config: Parameters of a call and their default values.
        published: The model that :class:`jlabel.DeepGrow2DTrainTask` publishes. If a version is in use, it is taken
            instead of ``path``, and says size, spacing and depth of the network.

    Raises:
        TaskError: ``roi_size`` has not 2 sizes above 0.

    Examples:
        >>> task = jlabel.DeepGrow2D(studies / "deepgrow_2d.pt", labels=["tumour"])
        >>> task.dimension, task.roi_size, task.labels
        (2, (256, 256), {'tumour': 1})
        >>> task.is_valid()  # the file of weights is not there
        False
    """

    def __init__(
        self,
        path: str | Path | Sequence[str | Path] | None = None,
        network: torch.nn.Module | None = None,
        labels: str | Sequence[str] | Mapping[str, int] | None = None,
        roi_size: Sequence[int] = (256, 256),
        sigma: float = 2.0,
        description: str = "Clicks in a slice to its mask, by a trained network",
        model_state_dict: str | None = None,
        config: Mapping[str, Any] | None = None,
        published: PublishedModel | None = None,
    ) -> None:
        super().__init__(path, network, labels, 2, roi_size, sigma, description, model_state_dict, config, published)


class DeepGrow3D(DeepGrow):
    """Segments a structure in a volume from clicks, with a trained network.

    Source: Sakinis et al. 2019 (arXiv:1903.08205).

    Args:
        path: A file of weights, or several, of which the last that exists is used.
        network: Takes ``(batch, 3, i, j, k)``: image, positive and negative guidance; gives ``(batch, 1, i, j, k)``.
            MONAI's ``BasicUNet`` with three input channels and one output channel if not given.
        labels: The structures that the task finds; all labels of the app if not given.
        roi_size: Voxels ``(i, j, k)`` of the network's input.
        sigma: Standard deviation of the Gaussians in the guidance maps, in voxels of the input.
        description: Shown to users.
        model_state_dict: The key of the network's weights in the file, if it is none of the usual ones.
        config: Parameters of a call and their default values.
        published: The model that :class:`jlabel.DeepGrow3DTrainTask` publishes. If a version is in use, it is taken
            instead of ``path``, and says size, spacing and depth of the network.

    Raises:
        TaskError: ``roi_size`` has not 3 sizes above 0.

    Examples:
        >>> task = jlabel.DeepGrow3D(studies / "deepgrow_3d.pt", labels=["tumour"])
        >>> task.dimension, task.roi_size, task.labels
        (3, (192, 192, 128), {'tumour': 1})
        >>> task.is_valid()  # the file of weights is not there
        False
    """

    def __init__(
        self,
        path: str | Path | Sequence[str | Path] | None = None,
        network: torch.nn.Module | None = None,
        labels: str | Sequence[str] | Mapping[str, int] | None = None,
        roi_size: Sequence[int] = (192, 192, 128),
        sigma: float = 2.0,
        description: str = "Clicks in a volume to its mask, by a trained network",
        model_state_dict: str | None = None,
        config: Mapping[str, Any] | None = None,
        published: PublishedModel | None = None,
    ) -> None:
        super().__init__(path, network, labels, 3, roi_size, sigma, description, model_state_dict, config, published)
