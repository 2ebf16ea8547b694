"""The image as a bundle's network wants it: turned as MONAI reads pictures, and with all its channels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from monai.utils import MetaKeys
from numpy.typing import NDArray

from jlabel.bundles.metadata import Expected
from jlabel.errors import TaskError
from jlabel.imaging import Image, read_image
from jlabel.imaging.finite import filled
from jlabel.tasks.transforms import ImageInMemory


class ChannelsInMemory(ImageInMemory):
    """Gives MONAI's ``LoadImaged`` the channels of an image that are in memory, the channel first.

    Args:
        images: A channel each, all in one grid.
    """

    def __init__(self, images: Sequence[Image]) -> None:
        super().__init__(images[0])
        self._images = images

    def read(self, data: Any, **kwargs: Any) -> Any:
        """The channels."""
        return self._images

    def get_data(self, img: Any) -> tuple[NDArray[Any], dict[str, Any]]:
        """The voxels, shape ``(channel, i, j, k)``, all finite, and the meta data that spatial transforms need."""
        _, meta = super().get_data(img[0])
        voxels = np.stack([filled(one.array, padding=one.padding) for one in img])
        return voxels, {**meta, MetaKeys.ORIGINAL_CHANNEL_DIM: 0}


def gather_channels(image: Image, expected: Expected, endings: Sequence[str], bundle: str) -> tuple[Image, ...] | None:
    """The images that are the channels of one; None for an image that has all the channels that are wanted by itself.

    Args:
        image: The image that is open: of several files the first, or one of them.
        expected: What the network takes.
        endings: How the names of the files end, in the order of the channels (``["_0000.nii.gz", "_0001.nii.gz"]``);
            empty for the frames of a 4D image.
        bundle: The name of the bundle, for the error.

    Raises:
        TaskError: The image is of another kind, or channels are missing or in another grid; says what is needed.
    """
    _check_axes(image, expected, bundle)
    wanted = expected.channels
    has = 3 if image.channels == "rgb" else 1
    if endings:
        found = tuple(read_image(file) for file in _files(image, endings, bundle))
    elif wanted is None or wanted == has:
        return None
    elif wanted == 3 and has == 1 and image.ndim == 2:
        return (image,) * 3
    elif has == 1 and image.frames == wanted and image.path is not None:
        found = tuple(image if n == image.frame else read_image(image.path, frame=n) for n in range(wanted))
    else:
        names = f" ({', '.join(expected.names)})" if len(expected.names) == wanted else ""
        raise TaskError(
            f"bundle {bundle!r} needs {wanted} values a voxel{names}, and the image has {has}: use a 4D image with "
            f"{wanted} frames, or name the files of a case with channels=[...], the endings of their names"
        )
    for one in found:
        if one.shape != image.shape or not np.allclose(one.affine, image.affine, atol=1e-3):
            raise TaskError(f"bundle {bundle!r}: the channel {one.path} lies in another grid than {image.path}")
    return found


def _check_axes(image: Image, expected: Expected, bundle: str) -> None:
    if expected.axes is not None and image.ndim != expected.axes:
        kinds = {2: "pictures", 3: "volumes"}
        raise TaskError(
            f"bundle {bundle!r} is for {kinds[expected.axes]}, and the image is one of the {kinds[image.ndim]}"
        )


def _files(image: Image, endings: Sequence[str], bundle: str) -> list[Path]:
    path = image.path
    ending = None if path is None else next((one for one in endings if path.name.endswith(one)), None)
    if path is None or ending is None:
        where = "the image" if path is None else path.name
        raise TaskError(f"bundle {bundle!r}: the name of {where} ends with none of channels={list(endings)}")
    begin = path.name.removesuffix(ending)
    files = [path.with_name(f"{begin}{one}") for one in endings]
    missing = [file.name for file in files if not file.exists()]
    if missing:
        raise TaskError(f"bundle {bundle!r}: beside {path.name} there is no {', '.join(missing)}")
    return files
