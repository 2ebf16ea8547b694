"""Copies of media: what their DICOMDIR adds to the images that are found, and what one from a stranger cannot do."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from jlabel import read_image
from jlabel.datastores import LocalDatastore
from tests.datastores.test_scan import settle
from tests.imaging.media import medium, slices

LUNG, BONE = "PT000000/ST000000/SE000000", "PT000000/ST000000/SE000001"


@pytest.fixture
def directory(studies: Path, tmp_path: Path) -> Path:
    """A medium with two series, copied into the studies."""
    files = slices(tmp_path / "a", "1.2.1", range(4))
    files += slices(tmp_path / "b", "1.2.2", range(3), SeriesNumber=4, SeriesDescription="Bone")
    return medium(studies / "cd", files)


def test_a_copied_medium_is_an_image_for_each_series_with_the_names_of_its_directory(directory, open_store) -> None:
    store = open_store()
    assert store.list_images() == [f"cd/{LUNG}", f"cd/{BONE}"]
    assert [read_image(store.get_image_uri(image)).shape for image in store.list_images()] == [(5, 6, 4), (5, 6, 3)]
    names = {"patient": "Müller^Änne P-1", "study": "20240229 CT Thorax", "series": "CT 4"}
    assert store.get_image_info(f"cd/{BONE}") == {"dicom": names}
    assert store.notes() == []


def test_a_series_opens_beside_a_directory(directory, open_store) -> None:
    for file in (directory.parent / LUNG).iterdir():
        shutil.copy(file, directory.parent)
    assert read_image(directory.parent).shape == (5, 6, 4)


def test_files_that_were_not_copied_are_named_until_they_are_there(directory, open_store, studies) -> None:
    gone = directory.parent / LUNG / "IM000003"
    content = gone.read_bytes()
    gone.unlink()
    shutil.rmtree(directory.parent / BONE)
    settle(studies)
    store = open_store()
    assert store.list_images() == [f"cd/{LUNG}"]
    (note,) = store.notes()
    assert note == (
        "4 files that a DICOMDIR lists and that are not there: cd/"
        + ", cd/".join([f"{LUNG}/IM000003", *(f"{BONE}/IM00000{number}" for number in range(3))])
        + ". Images may lack slices: copy the medium again"
    )
    assert open_store().notes() == [note]
    gone.write_bytes(content)
    store.refresh()
    assert store.notes()[0].startswith("3 files that a DICOMDIR lists")
    assert read_image(store.get_image_uri(f"cd/{LUNG}")).shape == (5, 6, 4)


def test_names_in_other_letters_case_and_with_a_version_are_there(directory, open_store) -> None:
    (directory.parent / "PT000000").rename(directory.parent / "pt000000")
    folder = directory.parent / "pt000000" / "ST000000" / "SE000000"
    for file in folder.iterdir():
        file.rename(folder / f"{file.name.lower()};1")
    store = open_store()
    assert store.notes() == []
    assert read_image(store.get_image_uri("cd/pt000000/ST000000/SE000000")).shape == (5, 6, 4)


def test_files_that_the_directory_does_not_list_are_images_all_the_same(directory, open_store) -> None:
    slices(directory.parent / "more", "1.2.7", range(2))
    store = open_store()
    assert store.list_images() == [f"cd/{LUNG}", f"cd/{BONE}", "cd/more"]
    assert store.get_image_info("cd/more") == {}


def test_ids_and_labels_are_the_same_with_and_without_the_directory(directory, open_store) -> None:
    content = directory.read_bytes()
    directory.unlink()
    store = open_store()
    store.save_label(f"cd/{LUNG}", read_image(store.get_image_uri(f"cd/{LUNG}")).array > 3)
    directory.write_bytes(content)
    store.refresh()
    assert store.list_images() == [f"cd/{LUNG}", f"cd/{BONE}"]
    assert store.get_labeled_images() == [f"cd/{LUNG}"]


def test_a_damaged_directory_is_passed_by_with_a_note(directory, open_store) -> None:
    directory.write_bytes(directory.read_bytes()[:500])
    store = open_store()
    assert store.list_images() == [f"cd/{LUNG}", f"cd/{BONE}"]
    (note,) = store.notes()
    assert note == "1 DICOMDIR passed by (it is damaged): cd/DICOMDIR. Images were found by their bytes"


def test_nothing_outside_of_the_studies_is_opened_for_a_directory(directory, open_store, tmp_path, monkeypatch) -> None:
    """It names files by paths, and links lie where it names them."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "IM000000").write_text("secret")
    old = b"PT000000\\ST000000\\SE000000\\IM000000"
    away = b"..\\..\\outside\\IM000000".ljust(len(old), b" ")
    directory.write_bytes(directory.read_bytes().replace(old, away))
    (directory.parent / "LINK").symlink_to(outside / "IM000000")
    opened: list[str] = []
    real = os.open

    def watched(path, *rest, **options):
        opened.append(os.path.realpath(path))
        return real(path, *rest, **options)

    monkeypatch.setattr(os, "open", watched)
    store = open_store()
    assert store.list_images() == [f"cd/{LUNG}", f"cd/{BONE}"]
    assert "it names a file outside of its folder" in store.notes()[0]
    assert str(outside / "IM000000") not in opened


def test_a_catalogue_with_paths_that_lead_elsewhere_is_asked_for_nothing(directory, open_store, studies) -> None:
    settle(studies)
    store = open_store()
    with store._catalogue.write() as connection:
        connection.exec_driver_sql("UPDATE folder SET contents = replace(contents, 'PT000000/ST', '../../../ST')")
        connection.exec_driver_sql("UPDATE folder SET mtime_ns = 1")
    again = LocalDatastore(studies)
    assert again.list_images() == [f"cd/{LUNG}", f"cd/{BONE}"]
    assert again.notes() == []
    again.close()
