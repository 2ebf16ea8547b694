"""Single structures of the shared sets, as pairs of an image and a mask."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jlabel.imaging import Image, read_image, read_label
from jlabel.imaging.names import split_image_name

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
    """Up to ``count`` images of a set, evenly spread over it, each with up to two structures."""
    labels = {split_image_name(path.name)[0]: path for path in (data / name / "labels").iterdir()}
    images = sorted((data / name / "images").iterdir())
    few = len(images) <= 2
    for path in images[:: max(1, len(images) // count)][:count]:
        image = read_image(path)
        label = read_label(labels[split_image_name(path.name)[0]], image)
        values, sizes = np.unique(label[label > 0], return_counts=True)
        values = values[sizes >= min(_LEAST, sizes.max(initial=0))]
        wanted = count if few else 1 if name == "nuclei_dsb2018" else 2
        for value in values[:: max(1, len(values) // wanted)][:wanted]:
            yield image, label == value
