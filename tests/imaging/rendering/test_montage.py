from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image as Pictures

from jlabel.imaging import Image
from jlabel.imaging.rendering.montage import MOST_BYTES, PANE, PANE_ALONE, Look, montage, png_bytes

SHAPE = (20, 24, 16)
RED = np.array([255, 0, 0])


def red(picture: Pictures.Image) -> np.ndarray:
    """Where the picture is redder than gray."""
    pixels = np.asarray(picture, int)
    return (pixels[..., 0] - pixels[..., 1] > 60) & (pixels[..., 0] - pixels[..., 2] > 60)


def middle(mask: np.ndarray) -> tuple[float, float]:
    row, column = np.argwhere(mask).mean(axis=0)
    return float(row), float(column)


@pytest.mark.parametrize("axes", [(1, 1, 1), (-1, 1, 1), (1, -1, -1)])
def test_a_label_lies_where_the_patient_has_it(axes):
    affine = np.diag([*axes, 1.0])
    # In the patient's left, front, upper corner, whichever way the array runs.
    index = tuple((n - 4 if step * sign > 0 else 3) for n, step, sign in zip(SHAPE, axes, (-1, 1, 1), strict=True))
    mask = np.zeros(SHAPE, np.uint8)
    mask[tuple(slice(i - 1, i + 2) for i in index)] = 5
    image = Image(np.full(SHAPE, 50, np.int16), affine)
    sheet = montage(image, mask, Look(index, (0, 100), {5: "#ff0000"}))
    assert sheet.size == (3 * PANE + 4, PANE)
    axial, coronal, sagittal = (red(sheet.crop((at, 0, at + PANE, PANE))) for at in (0, PANE + 2, 2 * PANE + 4))
    half = PANE / 2
    assert middle(axial)[0] < half < middle(axial)[1]
    assert middle(coronal)[0] < half < middle(coronal)[1]
    assert middle(sagittal)[0] < half
    assert middle(sagittal)[1] < half


def test_the_window_the_opacity_and_hidden_labels_are_obeyed():
    array = np.zeros(SHAPE, np.int16)
    array[:10] = 80
    mask = np.zeros(SHAPE, np.uint8)
    mask[:, :12] = 1
    image = Image(array, np.eye(4))
    look = Look((5, 18, 8), (0, 160), {1: "#ff0000"})
    bright = np.asarray(montage(image, np.zeros_like(mask), look).crop((0, 0, PANE, PANE)))
    assert bright[80, 230].tolist() == [128, 128, 128]
    assert red(montage(image, mask, look)).any()
    hidden = Look((5, 18, 8), (0, 160), {1: "#ff0000"}, frozenset({1}))
    assert not red(montage(image, mask, hidden)).any()
    solid = np.asarray(montage(image, mask, Look((5, 18, 8), (0, 160), {1: "#ff0000"}, opacity=1.0)))
    assert (solid == RED).all(axis=-1).any()


def test_a_picture_is_one_pane_in_its_colours():
    array = np.zeros((30, 40, 3), np.uint8)
    array[..., 2] = 200
    affine = np.array([[0.0, -1, 0, 0], [-1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    mask = np.zeros((30, 40), np.uint8)
    mask[:10] = 1
    sheet = montage(Image(array, affine, "rgb", oriented=False), mask, Look((0, 0, 0), (0, 255), {1: "#ff0000"}))
    assert sheet.size == (PANE_ALONE, PANE_ALONE)
    assert middle(np.asarray(sheet)[..., 0] > 90)[0] < PANE_ALONE / 2
    assert np.asarray(sheet)[PANE_ALONE * 2 // 3, PANE_ALONE // 2].tolist() == [0, 0, 200]


def test_a_noisy_picture_still_makes_a_small_file():
    noise = np.random.default_rng(0).integers(0, 255, (128, 128, 128), dtype=np.uint8)
    sheet = montage(Image(noise, np.eye(4)), np.zeros(noise.shape, np.uint8), Look((64, 64, 64), (0, 255)))
    data = png_bytes(sheet)
    assert len(data) <= MOST_BYTES
    assert Pictures.open(io.BytesIO(data)).width > 400


def test_values_that_are_not_finite_and_an_empty_window_do_no_harm():
    array = np.array([np.nan, np.inf, -np.inf, 1.0], np.float32).reshape(2, 2, 1)
    montage(Image(array, np.eye(4)), np.zeros((2, 2, 1), np.uint8), Look((0, 0, 0), (1, 1)))
