"""Images of every orientation, pictures, and names that look like markup, in the real labeler."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from itertools import permutations, product
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from tests.browser.labeler import LabelerPage, app_cell
from tests.browser.notebook import Notebook
from tests.imaging.samples import dicom

Open = Callable[[Sequence[str]], Notebook]
# Patient axes: x to the left-right, y to the back-front, z to the feet-head, with spacings that differ.
SHAPE, SPACING = (40, 36, 24), (1.0, 1.0, 2.0)
# A bright ball on the patient's left, in front, and towards the head.
BALL = (10, 27, 17)
# Every order of the axes, each with four of the eight ways to turn them, which are chosen so that any two axes are
# turned in all ways, and that there are as many images whose axes are right-handed as left-handed.
CODES = [
    "".join(pair[one] for pair, one in zip(order, turned, strict=True))
    for order in permutations(("LR", "PA", "IS"))
    for turned in product((0, 1), repeat=3)
    if sum(turned) % 2 == (order[0] == "LR")
]


def turned(codes: str) -> nib.Nifti1Image:
    """The same patient, stored in another axis order."""
    x, y, z = np.indices(SHAPE)
    near = ((x - BALL[0]) ** 2 + (y - BALL[1]) ** 2 + 4 * (z - BALL[2]) ** 2) < 30
    image = nib.Nifti1Image((20 + 200 * near).astype(np.int16), np.diag([*SPACING, 1]))
    target = nib.orientations.axcodes2ornt(tuple(codes))
    return image.as_reoriented(nib.orientations.ornt_transform(nib.io_orientation(image.affine), target))


def bright_spot(labeler: LabelerPage, plane: str) -> tuple[float, float]:
    """Where the brightest part of a pane is, from its left top corner, 0 to 1."""
    shot = Image.open(io.BytesIO(labeler.pane(plane).locator("canvas").first.screenshot()))
    gray = np.asarray(shot.convert("L"), float)
    rows, columns = np.nonzero(gray > 215)
    return columns.mean() / gray.shape[1], rows.mean() / gray.shape[0]


@pytest.mark.parametrize("first_axis", ["LR", "PA", "IS"])
def test_every_orientation_is_shown_and_painted_right(notebook: Open, tmp_path: Path, first_axis: str) -> None:
    chosen = [codes for codes in CODES if codes[0] in first_axis]
    assert len(chosen) == 8
    for codes in chosen:
        nib.save(turned(codes), tmp_path / f"{codes}.nii.gz")
    opened = notebook([app_cell(tmp_path, f"labeler = manager.labeler({chosen[0]!r}, height=620)\nlabeler")])
    opened.run(0)
    labeler = LabelerPage(opened)
    for codes in chosen:
        opened.kernel.run(f"labeler.open({codes!r}, discard=True)")
        labeler.wait_for_image(codes)
        affine = turned(codes).affine
        voxel = np.rint(np.linalg.inv(affine) @ [*(np.array(BALL) * SPACING), 1])[:3].astype(int).tolist()
        # Radiological: the patient's left is on the right of the picture, the front and the head are at the top.
        labeler.tool("navigate")
        labeler.click("axial", voxel)
        labeler.click("coronal", voxel)
        assert labeler.debug("cursor()") == voxel
        labeler.page.mouse.move(0, 0)
        x, y = bright_spot(labeler, "axial")
        assert (x > 0.5, y < 0.5) == (True, True), codes
        x, y = bright_spot(labeler, "coronal")
        assert (x > 0.5, y < 0.5) == (True, True), codes
        x, y = bright_spot(labeler, "sagittal")
        assert (x < 0.5, y < 0.5) == (True, True), codes
        labeler.tool("brush")
        labeler.click("coronal", voxel)
        opened.kernel.wait_for("bool(labeler.mask.any())", True)
        painted = np.array(opened.kernel.eval("np.argwhere(labeler.mask).tolist()"))
        assert voxel in painted.tolist(), codes
        # What was painted is a disc in mm, in the patient's coronal plane, around the ball.
        mm = (affine @ np.c_[painted, np.ones(len(painted))].T)[:3].T
        assert np.ptp(mm[:, 1]) == 0
        np.testing.assert_allclose(mm.mean(axis=0), np.array(BALL) * SPACING, atol=1.01)


def test_a_colour_picture_is_shown_in_one_pane_and_saved_as_png(notebook: Open, tmp_path: Path) -> None:
    picture = np.zeros((60, 90, 3), np.uint8)
    picture[:30, :, 0], picture[30:, :, 2] = 220, 220
    Image.fromarray(picture).save(tmp_path / "slide.png")
    opened = notebook([app_cell(tmp_path, "labeler = manager.labeler()\nlabeler")])
    opened.run(0)
    labeler = LabelerPage(opened)
    labeler.wait_for_image("slide")
    assert labeler.root.locator(".jl-pane").count() == 1
    red, blue = labeler.color("axial", (10, 70, 0)), labeler.color("axial", (50, 10, 0))
    assert red[0] > 150 > red[2]
    assert blue[2] > 150 > blue[0]
    labeler.tool("click-add")
    labeler.click("axial", (15, 60, 0))
    opened.kernel.wait_for("bool(labeler.mask[15, 60])", True)
    labeler.wait_idle()
    labeler.do("save")
    opened.kernel.wait_for("labeler.dirty", False)
    saved = np.asarray(Image.open(tmp_path / "labels" / "final" / "slide.png"))
    assert saved.shape == (60, 90)
    assert saved[15, 60] == 1
    assert saved.sum() == opened.kernel.eval("int(labeler.mask.sum())")


def test_an_x_ray_picture_whose_small_values_are_bright(notebook: Open, tmp_path: Path) -> None:
    pixels = np.full((60, 80), 1000, np.uint16)
    pixels[10:20, 50:70] = 10
    plain = {"ImagePositionPatient": None, "ImageOrientationPatient": None}
    dicom(tmp_path / "chest.dcm", pixels, PhotometricInterpretation="MONOCHROME1", **plain)
    opened = notebook([app_cell(tmp_path, "labeler = manager.labeler()\nlabeler")])
    opened.run(0)
    labeler = LabelerPage(opened)
    labeler.wait_for_image("chest")
    labeler.page.mouse.move(0, 0)
    small, large = labeler.color("axial", (60, 15, 0)), labeler.color("axial", (20, 50, 0))
    assert small[0] > 200
    assert large[0] < 50


@pytest.mark.parametrize("name", ["""<b onmouseover="alert(1)">it's "100%" #1</b>, naïve 病人"""])
def test_names_are_text(notebook: Open, tmp_path: Path, name: str, page_errors: list[str]) -> None:
    file = name.replace("/", "∕")
    nib.save(turned("RAS"), tmp_path / f"{file}.nii.gz")
    show = f"manager = AppManager(App({str(tmp_path)!r}, labels=[{name!r}]))\nlabeler = manager.labeler()\nlabeler"
    opened = notebook([app_cell(tmp_path, show)])
    opened.run(0)
    labeler = LabelerPage(opened)
    labeler.wait_for_image()
    assert labeler.root.get_attribute("data-image-id") == file
    assert labeler.root.get_by_text(name).count() >= 1
    assert labeler.root.locator("b").filter(has_text="100%").locator("[onmouseover]").count() == 0
    assert labeler.root.locator("[onmouseover]").count() == 0
    labeler.tool("brush")
    labeler.click("axial", (20, 18, 12))
    opened.kernel.wait_for("labeler.dirty", True)
    labeler.do("save")
    opened.kernel.wait_for("labeler.dirty", False)
    assert (tmp_path / "labels" / "final" / f"{file}.nii.gz").is_file()
    assert page_errors == []
