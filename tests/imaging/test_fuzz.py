"""Damaged files of every format: an ImageError or a sound image, never anything else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jlabel.errors import ImageError
from jlabel.imaging import read_image
from tests.imaging.samples import every_format

FORMATS = every_format()
Damage = Callable[[bytes], bytes]


def flipped(positions: list[float], bits: int) -> Damage:
    def damage(data: bytes) -> bytes:
        out = bytearray(data)
        for position in positions:
            # Squared: headers are at the start, and most of what can go wrong is there.
            out[int(position**2 * (len(out) - 1))] ^= bits
        return bytes(out)

    return damage


def cut(share: float) -> Damage:
    return lambda data: data[: int(share * len(data))]


def spliced(share: float, junk: bytes) -> Damage:
    def damage(data: bytes) -> bytes:
        at = int(share**2 * len(data))
        return data[:at] + junk + data[at + len(junk) :]

    return damage


shares = st.floats(0, 1)
damages = st.one_of(
    st.builds(flipped, st.lists(shares, min_size=1, max_size=4), st.integers(1, 255)),
    st.builds(cut, shares),
    st.builds(spliced, shares, st.binary(min_size=1, max_size=8)),
)


@pytest.mark.parametrize("kind", FORMATS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damage=damages)
def test_a_damaged_file_is_an_error_or_an_image(tmp_path: Path, kind: str, damage: Damage) -> None:
    path = FORMATS[kind](tmp_path)
    path.write_bytes(damage(path.read_bytes()))
    try:
        image = read_image(path)
    except ImageError:
        return
    assert image.array.dtype.isnative
    assert image.array.dtype.kind in "iuf"
    assert np.isfinite(image.affine).all()
    assert abs(np.linalg.det(image.affine)) > 0


# Not MGH, whose footer is optional, so that a file without it is whole.
@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "mgh"])
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 0.99))
def test_a_file_cut_short_is_never_an_image(tmp_path: Path, kind: str, share: float) -> None:
    path = FORMATS[kind](tmp_path)
    data = path.read_bytes()
    path.write_bytes(data[: min(int(share * len(data)), len(data) - 1)])
    with pytest.raises(ImageError):
        read_image(path)
