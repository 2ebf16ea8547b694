"""Labels: in the image's grid, in whole numbers, on disk as a whole or not at all."""

from __future__ import annotations

import errno
import gzip
import os
from itertools import permutations, product
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jlabel.errors import DatastoreError, LabelError
from jlabel.imaging import Image, label_extension, read_image, read_label, write_label
from jlabel.imaging.formats.plain_pictures import PICTURE_AFFINE
from tests.imaging.samples import AFFINE, dicom, metaimage, nifti, nrrd, picture, volume

MASK = volume("uint8") % 3


@pytest.fixture
def image(tmp_path: Path) -> Image:
    return read_image(nifti(tmp_path / "image.nii", volume()))


def test_a_label_comes_back_with_the_images_shape_and_affine(tmp_path: Path, image: Image) -> None:
    path = tmp_path / "label.nii.gz"
    write_label(path, MASK, image)
    np.testing.assert_array_equal(read_label(path, image), MASK)
    saved, original = nib.load(path), nib.load(tmp_path / "image.nii")
    np.testing.assert_array_equal(saved.affine, original.affine)
    for form in ("get_sform", "get_qform"):
        np.testing.assert_array_equal(getattr(saved.header, form)(), getattr(original.header, form)())
    assert saved.get_data_dtype() == np.uint8
    assert saved.header["regular"] == b"r"
    assert saved.header.get_xyzt_units()[0] == "mm"
    assert saved.header.get_intent()[0] == "none"


@pytest.mark.parametrize(
    ("top", "dtype"), [(0, "uint8"), (255, "uint8"), (256, "uint16"), (65535, "uint16"), (65536, "uint32")]
)
def test_the_smallest_type_that_holds_the_values(tmp_path: Path, image: Image, top: int, dtype: str) -> None:
    mask = np.zeros(image.shape, np.int64)
    mask[1, 1, 1] = top
    write_label(tmp_path / "a.nii.gz", mask, image)
    assert nib.load(tmp_path / "a.nii.gz").get_data_dtype() == dtype
    assert read_label(tmp_path / "a.nii.gz", image).dtype == dtype


def test_a_mask_of_bools_and_of_whole_floats(tmp_path: Path, image: Image) -> None:
    for kind in (bool, np.float32):
        write_label(tmp_path / "a.nii.gz", (MASK > 0).astype(kind), image)
        np.testing.assert_array_equal(read_label(tmp_path / "a.nii.gz", image), MASK > 0)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (np.array([0, -2, -1]), r"negative values \(-2, -1\)"),
        (np.array([0.0, 0.5, 1.0]), r"no whole number \(0\.5\)"),
        (np.array([0.0, np.nan, 1.0]), "no whole number"),
        (np.array([0, 2**32, 1]), "4294967296"),
    ],
)
def test_values_that_are_no_label(tmp_path: Path, image: Image, values: np.ndarray, why: str) -> None:
    mask = np.resize(values, image.shape)
    with pytest.raises(LabelError, match=why):
        write_label(tmp_path / "a.nii.gz", mask, image)
    assert not (tmp_path / "a.nii.gz").exists()
    nib.save(nib.Nifti1Image(mask.astype(np.float64), AFFINE), tmp_path / "b.nii.gz")
    with pytest.raises(LabelError, match=why):
        read_label(tmp_path / "b.nii.gz", image)


def test_a_mask_of_another_shape_is_refused(tmp_path: Path, image: Image) -> None:
    with pytest.raises(LabelError, match=r"shape \(5, 4\) and its image \(5, 4, 3\)"):
        write_label(tmp_path / "a.nii.gz", MASK[..., 0], image)


def test_a_full_disk_says_so_and_keeps_the_old_label(
    tmp_path: Path, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "label.nii.gz"
    write_label(path, MASK, image)
    before = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DatastoreError, match=r"label\.nii\.gz could not be written: No space left"):
        write_label(path, MASK * 2, image)
    assert path.read_bytes() == before
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["image.nii", "label.nii.gz"]


@pytest.mark.parametrize("shear", [0.0, 0.3])
def test_forms_hold_what_they_can(tmp_path: Path, shear: float) -> None:
    affine = AFFINE.copy()
    affine[0, 1] = shear
    write_label(tmp_path / "a.nii.gz", MASK, Image(volume(), affine))
    header = nib.load(tmp_path / "a.nii.gz").header
    np.testing.assert_array_equal(header.get_sform(), affine.astype(np.float32))
    assert (header["qform_code"] > 0) == (shear == 0)
    assert header.get_zooms() == pytest.approx(np.linalg.norm(affine[:3, :3], axis=0))


def test_a_big_endian_image(tmp_path: Path) -> None:
    header = nib.Nifti1Header(endianness=">")
    nib.save(nib.Nifti1Image(volume(">i2"), AFFINE, header), tmp_path / "image.nii")
    write_label(tmp_path / "a.nii.gz", MASK, read_image(tmp_path / "image.nii"))
    np.testing.assert_array_equal(nib.load(tmp_path / "a.nii.gz").affine, AFFINE)


def test_a_label_of_a_2d_nifti_has_two_axes(tmp_path: Path) -> None:
    image = read_image(nifti(tmp_path / "image.nii", volume(shape=(6, 5))))
    assert label_extension(image) == ".nii.gz"
    write_label(tmp_path / "a.nii.gz", np.ones((6, 5), np.uint8), image)
    assert nib.load(tmp_path / "a.nii.gz").shape == (6, 5)
    assert read_label(tmp_path / "a.nii.gz", image).shape == (6, 5)


def test_a_label_of_a_nifti_2_longer_than_nifti_1_can_hold(tmp_path: Path) -> None:
    image = Image(np.zeros((40000, 2, 1), np.uint8), np.eye(4))
    write_label(tmp_path / "a.nii.gz", np.ones((40000, 2, 1), np.uint8), image)
    assert read_label(tmp_path / "a.nii.gz", image).sum() == 80000


@pytest.mark.parametrize("top", [1, 300])
def test_a_label_of_a_picture_is_a_png(tmp_path: Path, top: int) -> None:
    image = read_image(picture(tmp_path / "image.png", volume("uint8", (6, 5))))
    assert label_extension(image) == ".png"
    mask = np.zeros((6, 5), np.uint16)
    mask[2, 3] = top
    write_label(tmp_path / "label.png", mask, image)
    np.testing.assert_array_equal(read_label(tmp_path / "label.png", image), mask)


def test_a_picture_label_ends_at_65535(tmp_path: Path) -> None:
    image = Image(np.zeros((6, 5), np.uint8), PICTURE_AFFINE, oriented=False)
    with pytest.raises(LabelError, match="65535"):
        write_label(tmp_path / "label.png", np.full((6, 5), 70000), image)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", ["P", "1", "L", "RGB"])
def test_pictures_of_every_kind_as_labels(tmp_path: Path, mode: str) -> None:
    from PIL import Image as Pillow

    image = Image(np.zeros((6, 5), np.uint8), PICTURE_AFFINE, oriented=False)
    mask = (volume("uint8", (6, 5)) % 3 == 1).astype(np.uint8)
    pixels = Pillow.fromarray(mask)
    if mode == "P":
        pixels = pixels.copy()
        pixels.putpalette([0, 0, 0, 200, 10, 30])
    elif mode == "1":
        pixels = Pillow.fromarray(mask > 0)
    elif mode == "RGB":
        pixels = Pillow.merge("RGB", [pixels] * 3)
    pixels.save(tmp_path / "label.png")
    label = read_label(tmp_path / "label.png", image)
    np.testing.assert_array_equal(label, mask)
    label[0, 0] = 1  # the caller's own


def test_a_colour_picture_is_no_label(tmp_path: Path) -> None:
    image = Image(np.zeros((6, 5), np.uint8), PICTURE_AFFINE, oriented=False)
    picture(tmp_path / "a.png", np.dstack([volume("uint8", (6, 5)), np.zeros((6, 5, 2), np.uint8)]))
    with pytest.raises(LabelError, match="colour"):
        read_label(tmp_path / "a.png", image)


def test_one_channel_for_each_class_says_what_to_do(tmp_path: Path, image: Image) -> None:
    channels = (np.arange(3) == MASK[..., None]).astype(np.uint8)
    nifti(tmp_path / "a.nii.gz", channels)
    with pytest.raises(LabelError, match=r"one-hot.*argmax"):
        read_label(tmp_path / "a.nii.gz", image)


def test_labels_of_other_formats(tmp_path: Path, image: Image) -> None:
    for path in (nrrd(tmp_path / "a.nrrd", MASK, "gzip"), metaimage(tmp_path / "a.mha", MASK, compressed=True)):
        np.testing.assert_array_equal(read_label(path, image), MASK)


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("flips", list(product((1, -1), repeat=3)))
def test_axes_in_another_order_are_put_back(
    tmp_path: Path, image: Image, order: tuple[int, ...], flips: tuple[int, ...]
) -> None:
    ornt = np.array(list(zip(order, flips, strict=True)), dtype=float)
    turned = nib.Nifti1Image(MASK, AFFINE).as_reoriented(ornt)
    nib.save(turned, tmp_path / "a.nii")
    label = read_label(tmp_path / "a.nii", image)
    np.testing.assert_array_equal(label, MASK)
    label[...] = 0  # the caller's own


@given(st.integers(0, 2), st.floats(0.1, 2))
def test_a_shifted_label_is_refused_whatever_the_axis(axis: int, voxels: float) -> None:
    from jlabel.imaging.label_grid import in_grid_of

    shifted = AFFINE.copy()
    shifted[:3, 3] += AFFINE[:3, axis] * voxels
    with pytest.raises(LabelError, match=r"shape \(5, 4, 3\), affine \[.*Image: shape"):
        in_grid_of(Image(volume(), AFFINE), MASK, shifted, "label.nii")


def test_a_header_that_rounds_is_the_same_grid(tmp_path: Path, image: Image) -> None:
    nifti(tmp_path / "a.nii", MASK, AFFINE + np.full((4, 4), 1e-5) * (np.arange(4) < 3)[:, None])
    np.testing.assert_array_equal(read_label(tmp_path / "a.nii", image), MASK)


@pytest.mark.parametrize("shape", [(4, 4, 3), (5, 4, 4), (5, 4), (4, 5, 3)])
def test_another_shape_is_refused_with_both(tmp_path: Path, image: Image, shape: tuple[int, ...]) -> None:
    nifti(tmp_path / "a.nii", np.zeros(shape, np.uint8))
    with pytest.raises(LabelError) as caught:
        read_label(tmp_path / "a.nii", image)
    assert str(shape) in str(caught.value)
    assert str(image.shape) in str(caught.value)


def test_a_label_of_a_dicom_slice(tmp_path: Path) -> None:
    image = read_image(dicom(tmp_path / "a.dcm", volume("int16", (6, 5)), (-10, 20, 30)))
    assert label_extension(image) == ".nii.gz"
    write_label(tmp_path / "a.nii.gz", np.ones((5, 6, 1), np.uint8), image)
    assert read_label(tmp_path / "a.nii.gz", image).all()


def test_the_same_mask_gives_the_same_bytes(tmp_path: Path, image: Image) -> None:
    write_label(tmp_path / "a.nii.gz", MASK, image)
    write_label(tmp_path / "b.nii.gz", np.asfortranarray(MASK), image)
    assert (tmp_path / "a.nii.gz").read_bytes() == (tmp_path / "b.nii.gz").read_bytes()
    assert len(gzip.decompress((tmp_path / "a.nii.gz").read_bytes())) == 352 + MASK.size


@pytest.mark.parametrize(("at", "data"), [(76, b"\0" * 32), (280, b"\0\0\xc0\x7f" * 12)])
def test_an_image_with_a_broken_header_still_gets_a_label_in_its_place(tmp_path: Path, at: int, data: bytes) -> None:
    path = nifti(tmp_path / "image.nii", volume())
    raw = bytearray(path.read_bytes())
    raw[at : at + len(data)] = data
    path.write_bytes(raw)
    image = read_image(path)
    write_label(tmp_path / "label.nii.gz", MASK, image)
    np.testing.assert_allclose(nib.load(tmp_path / "label.nii.gz").affine, image.affine)
    np.testing.assert_array_equal(read_label(tmp_path / "label.nii.gz", image), MASK)


@pytest.mark.parametrize("name", ["mask.jpg", "mask.png", "mask.tif"])
def test_a_mask_that_was_compressed_with_loss_is_no_label(tmp_path: Path, name: str) -> None:
    disc = np.kron(np.eye(4, dtype=np.uint8) * 255, np.ones((16, 16), np.uint8))
    options = {"compression": "jpeg"} if name == "mask.tif" else {"format": "JPEG"}
    path = picture(tmp_path / name, disc, quality=75, **options)
    shown = read_image(picture(tmp_path / "image.png", disc))
    with pytest.raises(LabelError, match=r"compressed with loss .*save the mask as PNG.*threshold_labels"):
        read_label(path, shown)


def test_values_that_float32_rounds_are_whole_and_noted(tmp_path: Path, image: Image) -> None:
    notes: dict[str, str] = {}
    path = nifti(tmp_path / "label.nii", MASK.astype(np.float32) * np.float32(0.9999999))
    np.testing.assert_array_equal(read_label(path, image, notes), MASK)
    assert "nearly whole" in notes["values"]
    path = nifti(tmp_path / "label.nii", MASK.astype(np.float32) * np.float32(0.993))
    with pytest.raises(LabelError, match=r"\(0\.993, 1\.986\)"):
        read_label(path, image)


def test_a_mask_of_a_stack_needs_no_pixel_size(tmp_path: Path) -> None:
    import tifffile

    stack = volume("uint16", (3, 6, 5))
    metadata = {"axes": "ZYX", "spacing": 2.5, "unit": "um"}
    tifffile.imwrite(tmp_path / "a.tif", stack, imagej=True, metadata=metadata, resolution=(4, 4))
    stacked = read_image(tmp_path / "a.tif")
    assert stacked.spacing == (0.25, 0.25, 2.5)
    mask = (stack % 3).astype(np.uint8)
    tifffile.imwrite(tmp_path / "mask.tif", mask, photometric="minisblack")
    np.testing.assert_array_equal(read_label(tmp_path / "mask.tif", stacked), np.moveaxis(mask, 0, -1))
    write_label(tmp_path / "mask.nii.gz", np.moveaxis(mask, 0, -1), stacked)
    np.testing.assert_array_equal(read_label(tmp_path / "mask.nii.gz", stacked), np.moveaxis(mask, 0, -1))
