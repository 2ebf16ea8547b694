"""The one door: by contents, with one kind of error."""

from __future__ import annotations

import os
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest

from jlabel.errors import ImageError
from jlabel.imaging import read_image
from jlabel.imaging.formats.library_warnings import warnings_heard
from tests.imaging.samples import every_format, nifti, picture, volume


@pytest.mark.parametrize("kind", every_format())
def test_every_format_is_seen_from_its_bytes(tmp_path: Path, kind: str) -> None:
    path = every_format()[kind](tmp_path)
    expected = read_image(path)
    assert "format" not in expected.notes
    renamed = path.rename(tmp_path / "unnamed")
    image = read_image(renamed)
    np.testing.assert_array_equal(image.array, expected.array)
    np.testing.assert_array_equal(image.affine, expected.affine)


def test_gzip_named_plain_and_plain_named_gzip(tmp_path: Path) -> None:
    nifti(tmp_path / "a.nii.gz", volume()).rename(tmp_path / "b.nii")
    assert "gzip-compressed NIfTI" in read_image(tmp_path / "b.nii").notes["format"]
    nifti(tmp_path / "a.nii", volume()).rename(tmp_path / "b.nii.gz")
    assert "uncompressed NIfTI" in read_image(tmp_path / "b.nii.gz").notes["format"]


@pytest.mark.parametrize(
    ("name", "contents", "why"),
    [
        ("a.nii.gz", b"", r"is empty \(0 bytes\)"),
        ("a.nii.gz", b"dear radiologist,\n" * 20, "is not NIfTI, as its name says .it looks like text"),
        ("a.png", b"dear radiologist,\n" * 20, "is not PNG, as its name says"),
        ("a.dcm", b"BM, said the text" * 20, "is not DICOM, as its name says"),
        ("a.mnc", b"CDF\x01" + bytes(200), "format that is not supported"),
        ("a.nii", b"\x5c\x01\0\0" + bytes(300), r"a\.nii"),
    ],
)
def test_what_is_no_image_is_told(tmp_path: Path, name: str, contents: bytes, why: str) -> None:
    (tmp_path / name).write_bytes(contents)
    with pytest.raises(ImageError, match=why) as caught:
        read_image(tmp_path / name)
    assert caught.value.path == tmp_path / name


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"nowhere\.nii: does not exist"):
        read_image(str(tmp_path / "nowhere.nii"))


def test_a_broken_link_and_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "link.nii").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ImageError, match="broken link"):
        read_image(tmp_path / "link.nii")
    os.mkfifo(tmp_path / "pipe.nii")
    with pytest.raises(ImageError, match="not a file"):
        read_image(tmp_path / "pipe.nii")


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="holds no DICOM image"):
        read_image(tmp_path)


@pytest.mark.parametrize("name", ["it's 100% #1.nii.gz", "naïve fïle (1) — copy.nii.gz", "<img src=x>.nii", "a\nb.nii"])
def test_any_name_will_do(tmp_path: Path, name: str) -> None:
    np.testing.assert_array_equal(read_image(nifti(tmp_path / name, volume())).array, volume())


def test_constant_and_empty_images_load(tmp_path: Path) -> None:
    for value in (0, 7):
        image = read_image(nifti(tmp_path / "a.nii", np.full((5, 4, 3), value, np.int16)))
        assert (image.array == value).all()


def test_warnings_are_notes_not_output(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with warnings_heard() as heard:
        warnings.warn("once", stacklevel=1)
        warnings.warn("once", stacklevel=1)
    assert heard == ["once"]
    picture(tmp_path / "a.png", volume("uint8", (6, 5)))
    read_image(tmp_path / "a.png")
    assert capfd.readouterr() == ("", "")


def test_readers_in_several_threads_hear_their_own_warnings() -> None:
    heard: dict[int, list[str]] = {}
    ready = threading.Barrier(4)

    def read(number: int) -> None:
        with warnings_heard() as mine:
            ready.wait()
            warnings.warn(f"from {number}", stacklevel=1)
            ready.wait()
            heard[number] = list(mine)

    before = warnings.showwarning
    threads = [threading.Thread(target=read, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == {number: [f"from {number}"] for number in range(4)}
    assert warnings.showwarning is before
