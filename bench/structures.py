"""Single structures of the shared sets, as pairs of an image and a mask."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jlabel.imaging import Image, read_image, read_label
from jlabel.imaging.file_names import split_image_name

SETS = (
    "hippocampus_msd",
    "ct_mr_totalseg",
    "kvasir_polyp",
    "nuclei_dsb2018",
    "wbc_cells",
    "nrrd_pyradiomics",
    "brain_mni_tissue",
)
_LEAST = 100  # voxels of a structure that is worth clicking at


def structures(data: Path, name: str, count: int) -> Iterator[tuple[Image, NDArray[np.bool_]]]:
    """``count`` structures of a set where it has them: of images evenly spread over it, up to two of each.

    Sets of one or two images give as many as are wanted from each.
    """
    labels = {split_image_name(path.name)[0]: path for path in (data / name / "labels").iterdir()}
    images = sorted((data / name / "images").iterdir())
    wanted = 1 if name in ("nuclei_dsb2018", "kvasir_polyp", "nrrd_pyradiomics") else max(2, -(-count // len(images)))
    taken = -(-count // wanted)
    for path in images[:: max(1, len(images) // taken)][:taken]:
        image = read_image(path)
        label = read_label(labels[split_image_name(path.name)[0]], image)
        values, sizes = np.unique(label[label > 0], return_counts=True)
        values = values[sizes >= min(_LEAST, sizes.max(initial=0))]
        for value in values[:: max(1, len(values) // wanted)][:wanted]:
            yield image, label == value
