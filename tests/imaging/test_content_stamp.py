"""Equal images have one stamp; another image in the place of the file has another."""

from __future__ import annotations

import numpy as np

from jlabel.imaging import Image, content_stamp


def image(array: np.ndarray, **more: object) -> Image:
    return Image(array, np.diag([1.0, 2.0, 3.0, 1.0]), **more)  # type: ignore[arg-type]


def test_the_order_in_memory_does_not_matter() -> None:
    array = np.random.default_rng(0).integers(0, 100, (130, 120, 90), dtype=np.int16)
    assert content_stamp(image(np.asfortranarray(array))) == content_stamp(image(array.copy()))


def test_voxels_place_and_kind_matter() -> None:
    array = np.random.default_rng(0).integers(0, 100, (13, 12, 9), dtype=np.int16)
    moved = np.diag([1.0, 2.0, 3.0, 1.0])
    moved[0, 3] = 0.5
    others = [
        image(array),
        image(array[::-1].copy()),
        image(array + np.int16(1)),
        image(array.astype(np.float32)),
        Image(array.copy(), moved),
        image(array.reshape(12, 13, 9)),
        image(np.stack([array % 256] * 3, axis=-1).astype(np.uint8), channels="rgb"),
    ]
    assert len({content_stamp(one) for one in others}) == len(others)


def test_headers_round_their_numbers() -> None:
    array = np.zeros((4, 5, 6), np.uint8)
    assert content_stamp(Image(array, np.eye(4))) == content_stamp(Image(array.copy(), np.eye(4) * (1 + 1e-7)))
