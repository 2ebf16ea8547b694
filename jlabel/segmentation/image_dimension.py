"""Whether most of some images are volumes or pictures."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from jlabel.errors import JlabelError
from jlabel.imaging import read_image

# Files that hold pictures and nothing else: they need not be read.
_PICTURES = (".png", ".jpg", ".jpeg", ".bmp")
_MOST_READ = 10


def usual_dimension(files: Iterable[Path]) -> int:
    """2 where most of the images are pictures, else 3.

    Args:
        files: Of the images; what cannot be read is passed by, and of those that must be read a few will do.
    """
    pictures, volumes, read = 0, 0, 0
    for file in files:
        if file.name.lower().endswith(_PICTURES):
            pictures += 1
        elif read < _MOST_READ:
            read += 1
            try:
                flat = read_image(file).ndim == 2
            except JlabelError:
                continue
            pictures, volumes = pictures + flat, volumes + (not flat)
    return 2 if pictures > volumes else 3
