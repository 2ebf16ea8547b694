from __future__ import annotations

import io

import nibabel as nib
import numpy as np
import pytest
from PIL import Image as Picture

from jlabel.imaging import Image
from jlabel.imaging.rendering.thumbnail import thumbnail

RED = {1: (255, 0, 0)}


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Picture.open(io.BytesIO(data)).convert("RGB")).astype(int)


def marked(codes: str, spacing: float = 1.0) -> Image:
    """Bright at the patient's right and front in the middle axial slice, in a grid with these axis codes."""
    ras = np.zeros((32, 40, 9), np.int16)
    ras[:12, 25:, 4] = 100  # R is low x in RAS+, A is high y
    orientation = nib.orientations.ornt_transform(
        nib.orientations.axcodes2ornt("RAS"), nib.orientations.axcodes2ornt(codes)
    )
    affine = np.diag([1.0, 1.0, spacing, 1.0]) @ nib.orientations.inv_ornt_aff(orientation, ras.shape)
    return Image(nib.orientations.apply_orientation(ras, orientation), affine)


@pytest.mark.parametrize("codes", ["RAS", "LPS", "PIR", "ASL", "SRP", "ILA"])
def test_it_is_seen_as_radiologists_look_however_the_file_lies(codes):
    picture = pixels(thumbnail(marked(codes, spacing=5.0)))
    assert picture.shape == (96, round(96 * 32 / 40), 3)
    assert picture[15, -10].min() > 200  # low x is the patient's left, on the screen's right; front is up
    assert picture[15, 10].max() < 50
    assert picture[80, -10].max() < 50


def test_labels_are_drawn_in_their_colours():
    image = marked("LPS")
    labels = np.zeros(image.shape, np.uint8)
    labels[:8, :8] = 1
    labels[24:, :8] = 7
    red = pixels(thumbnail(image, labels, RED))
    difference = red - pixels(thumbnail(image))
    where = difference[..., 0] > 60
    assert 0.02 < where.mean() < 0.1


def test_voxels_that_are_longer_one_way_keep_their_proportions():
    image = Image(np.zeros((20, 50, 10), np.uint8), np.diag([3.0, 1.0, 1.0, 1.0]))
    assert pixels(thumbnail(image)).shape == (round(96 * 50 / 60), 96, 3)


def test_pictures_keep_their_colours_and_x_rays_their_meaning():
    rgb = np.zeros((60, 30, 3), np.uint8)
    rgb[..., 1] = 200
    colour = pixels(thumbnail(Image(rgb, np.eye(4), "rgb", oriented=False)))
    assert colour.shape[1] in (48, 96)
    assert abs(colour[..., 1].mean() - 200) < 6
    assert colour[..., 0].mean() < 6
    dark = np.zeros((40, 40), np.uint16)
    dark[:20] = 1000
    gray = pixels(thumbnail(Image(dark, np.eye(4))))
    inverted = pixels(thumbnail(Image(dark.copy(), np.eye(4), inverted=True)))
    assert np.abs(gray + inverted - 255).max() < 12


def test_a_slide_of_many_pixels_and_one_without_a_finite_one():
    assert pixels(thumbnail(Image(np.full((3000, 2000), np.nan, np.float32), np.eye(4)))).max() == 0
    assert len(thumbnail(Image(np.zeros((1, 1), np.uint8), np.eye(4)))) > 100
