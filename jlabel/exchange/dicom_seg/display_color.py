"""Colours of segments: CIELab as DICOM has it, RGB as screens do.

What decides (PS3.3 C.10.7.1.1): RecommendedDisplayCIELabValue has L*, a* and b* as whole numbers from 0 to 65535, which
stand for 0 to 100, and for -128 to 127.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_SCALE = np.array([100.0, 255.0, 255.0]) / 65535
_OFFSET = np.array([0.0, -128.0, -128.0])


def lab_of(color: str) -> tuple[int, int, int]:
    """The three numbers of DICOM for ``#rrggbb``."""
    from skimage.color import rgb2lab

    rgb = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    lab: NDArray[np.float64] = rgb2lab(np.array([[rgb]]))[0, 0]
    first, second, third = (int(value) for value in np.rint((lab - _OFFSET) / _SCALE).clip(0, 65535))
    return first, second, third


def color_of_lab(values: object) -> str:
    """``#rrggbb`` for the three numbers of DICOM; "" for what is none."""
    from skimage.color import lab2rgb

    numbers = _numbers(values, 65535)
    if numbers is None:
        return ""
    lab = np.array(numbers) * _SCALE + _OFFSET
    return _text(np.rint(lab2rgb(lab[None, None])[0, 0] * 255))


def color_of_rgb(values: object) -> str:
    """``#rrggbb`` for three numbers from 0 to 255; "" for what is none."""
    numbers = _numbers(values, 255)
    return "" if numbers is None else _text(numbers)


def _numbers(values: object, most: int) -> list[int] | None:
    try:
        numbers = [int(one) for one in values]  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        return None
    return numbers if len(numbers) == 3 and all(0 <= one <= most for one in numbers) else None


def _text(rgb: Sequence[float] | NDArray[np.float64]) -> str:
    return "#" + "".join(f"{int(one):02x}" for one in rgb)
