"""Images become pictures that CVAT shows, and what is drawn on them goes back to where it was."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pictures

from jlabel.cvat.pictures import picture_name, picture_stem, view_of, write_pictures
from jlabel.imaging import Image, read_image

AXES = st.permutations(range(3)).flatmap(
    lambda order: st.tuples(st.just(order), st.tuples(*[st.sampled_from((-1, 1))] * 3))
)


def volume(order: tuple[int, ...], signs: tuple[int, ...], spacing: tuple[float, ...]) -> Image:
    affine = np.zeros((4, 4))
    affine[3, 3] = 1
    for axis, (to, sign) in enumerate(zip(order, signs, strict=True)):
        affine[to, axis] = sign * spacing[axis]
    return Image(np.arange(4 * 5 * 6, dtype=np.int16).reshape(4, 5, 6), affine)


@given(AXES, st.permutations([1.0, 1.0, 3.0]))
def test_every_slice_goes_back_to_where_it_was(axes, spacing) -> None:
    image = volume(*axes, spacing)
    view = view_of(image)
    assert view.count == image.shape[spacing.index(3.0)]
    back = np.zeros(image.shape, np.int16)
    for index in range(view.count):
        picture = view.picture(image.array, index)
        assert picture.shape == view.size
        view.put(back, picture, index)
    np.testing.assert_array_equal(back, image.array)


@given(AXES, st.permutations([1.0, 1.0, 3.0]), st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(0, 5)))
def test_the_place_of_a_voxel_is_the_middle_of_what_is_put_back_into_it(axes, spacing, voxel) -> None:
    view = view_of(volume(*axes, spacing))
    picture, (x, y) = view.place(voxel)
    assert (x % 1, y % 1) == (0.5, 0.5)
    drawn, back = np.zeros(view.size, np.uint8), np.zeros(view.shape, np.uint8)
    drawn[int(y), int(x)] = 1
    view.put(back, drawn, picture)
    assert np.argwhere(back).tolist() == [list(voxel)]


def test_the_place_of_a_pixel_is_that_of_its_row_and_column(tmp_path: Path) -> None:
    Pictures.fromarray(np.zeros((7, 9, 3), np.uint8)).save(tmp_path / "picture.png")
    view = view_of(read_image(tmp_path / "picture.png"))
    assert view.place((2, 8)) == (0, (8.5, 2.5))


def test_a_volume_of_even_voxels_is_cut_axially_and_seen_upright() -> None:
    image = volume((0, 1, 2), (1, 1, 1), (1.0, 1.0, 1.0))
    view = view_of(image)
    assert (view.count, view.size) == (6, (5, 4))
    # The patient's right is on the left of the picture, anterior is at its top.
    assert view.picture(image.array, 2)[0, 0] == image.array[3, 4, 2]


@pytest.mark.parametrize("ext", ["png", "jpg", "bmp"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_picture_of_eight_bits_goes_as_it_is(ext: str, mode: str, tmp_path: Path) -> None:
    file, sent = tmp_path / f"picture.{ext}", tmp_path / "sent"
    sent.mkdir()
    Pictures.fromarray(np.random.default_rng(0).integers(0, 255, (7, 9, 3), np.uint8)).convert(mode).save(file)
    (written,) = write_pictures("picture", read_image(file), sent)
    assert written.name == picture_name("picture", read_image(file))
    assert written.suffix == file.suffix
    assert written.read_bytes() == file.read_bytes()


def test_a_picture_that_others_may_turn_or_see_otherwise_is_made_anew(tmp_path: Path) -> None:
    sent = tmp_path / "sent"
    sent.mkdir()
    pixels = np.arange(63, dtype=np.uint16).reshape(7, 9)
    deep, turned, clear = tmp_path / "deep.png", tmp_path / "turned.jpg", tmp_path / "clear.png"
    Pictures.fromarray(pixels * 1000).save(deep)
    exif = Pictures.Exif()
    exif[0x0112] = 6
    Pictures.fromarray((pixels * 4).astype(np.uint8)).save(turned, exif=exif)
    Pictures.fromarray(np.zeros((7, 9, 4), np.uint8)).save(clear)
    for file in (deep, turned, clear):
        image = read_image(file)
        (written,) = write_pictures(file.stem, image, sent)
        with Pictures.open(written) as picture:
            assert picture.format == "PNG"
            assert picture.mode in ("L", "RGB")
            assert picture.size == view_of(image).size[::-1]
    with Pictures.open(sent / picture_name("deep", read_image(deep))) as picture:
        assert picture.getextrema() == (0, 255)


def test_a_volume_goes_slice_by_slice_through_its_window(tmp_path: Path) -> None:
    sent = tmp_path / "sent"
    sent.mkdir()
    voxels = np.random.default_rng(0).normal(100, 20, (6, 5, 4)).astype(np.float32)
    nib.save(nib.Nifti1Image(voxels, np.diag([1, 1, 5, 1])), tmp_path / "scan.nii.gz")
    image = read_image(tmp_path / "scan.nii.gz")
    written = list(write_pictures("scan", image, sent))
    assert [file.name for file in written] == [picture_name("scan", image, index) for index in range(4)]
    assert sorted(written) == written
    with Pictures.open(written[0]) as picture:
        assert (picture.size, picture.mode) == ((6, 5), "L")


def test_no_two_images_have_the_same_names() -> None:
    ids = ["a/picture", "b/picture", "a-picture", "A/picture", "ä/picture", "picture", "../picture", "", "x" * 300]
    stems = [picture_stem(one) for one in ids]
    assert len(set(stems)) == len(ids)
    assert all(stem and "/" not in stem and not stem.startswith(".") and len(stem) < 80 for stem in stems)
