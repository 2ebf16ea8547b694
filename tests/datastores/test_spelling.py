"""One name in several spellings is one image, one label, one id."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from jlabel.datastores.setting_rows import set_setting
from jlabel.datastores.spelling import canonical, folded, spellings
from jlabel.errors import DatastoreError

NAME = "Müller"
NFC, NFD = unicodedata.normalize("NFC", NAME), unicodedata.normalize("NFD", NAME)


def test_spellings():
    assert canonical(NFD) == NFC
    assert folded(NFD) == folded(NFC.upper()) == "müller"
    assert spellings(NFD) == [NFD, NFC]
    assert spellings("plain") == ["plain"]


@pytest.mark.parametrize(("image", "label"), [(NFD, NFC), (NFC, NFD), (NFC, NFC.upper()), ("Case", "case")])
def test_a_label_is_found_whatever_its_spelling(studies, open_store, add, label_file, image, label):
    add(studies, f"{image}.png", f"labels/final/{label}.png")
    store = open_store()
    (image_id,) = store.list_images()
    assert image_id == canonical(image)
    assert store.get_labeled_images() == [image_id]
    assert (
        Path(store.get_label_uri(image_id)).read_bytes() == b"not read here"
        or Path(store.get_label_uri(image_id)).exists()
    )
    # A new version takes the place of that file; no second one comes beside it.
    store.save_label(image_id, label_file("second", ".png"))
    files = list((studies / "labels" / "final").iterdir())
    assert [file.read_text() for file in files] == ["second"]
    assert [version.number for version in open_store().label_history(image_id)] == [1, 2]


@pytest.mark.parametrize("typed", [NFC, NFD, NFC.lower(), NFD.upper()])
def test_an_id_is_found_however_it_is_typed(studies, open_store, add, label_file, typed):
    add(studies, f"{NFD}.png")
    store = open_store()
    assert store.canonical_id(typed) == NFC
    assert store.save_label(typed, label_file("x", ".png")) == NFC
    assert store.get_labels_by_image_id(typed) == {"final": NFC}
    store.update_image_info(typed, {"noted": 1})
    assert store.get_image_info(NFC) == {"noted": 1}
    assert Path(store.get_image_uri(typed)).name == f"{NFD}.png"
    assert store.browse(search=typed[:3]).total == 1


def test_a_file_that_comes_back_in_another_spelling_is_the_same_image(studies, open_store, add, label_file):
    add(studies, f"{NFC}.png", "sub/Case.png")
    store = open_store()
    store.save_label(NFC, label_file("x", ".png"))
    store.save_label("sub/Case", label_file("y", ".png"))
    (studies / f"{NFC}.png").rename(studies / f"{NFD}.png")
    (studies / "sub").rename(studies / "Sub")
    (studies / "Sub" / "Case.png").rename(studies / "Sub" / "case.PNG")
    store.refresh()
    assert store.list_images() == [NFC, "sub/Case"]
    assert store.get_labeled_images() == [NFC, "sub/Case"]
    assert Path(store.get_image_uri("sub/Case")) == studies / "Sub" / "case.PNG"


def test_two_spellings_of_a_name_are_one_image(studies, open_store, add):
    add(studies, f"{NFC}.png", f"{NFD}.png")
    store = open_store()
    assert store.list_images() == [NFC]
    (note,) = store.notes()
    assert "1 whose names are other spellings (unicode, letter case) of names beside them" in note


def test_letter_case_makes_two_images_only_where_their_files_differ(studies, open_store, add, label_file):
    add(studies, "same.png", "Same.png", "a.nii", "A.nii.gz")
    (studies / "A.nii.gz").write_bytes(b"another volume")
    store = open_store()
    assert store.list_images() == ["A", "Same", "a.nii"]
    for image_id in ("A", "a.nii"):
        store.save_label(image_id, label_file(image_id))
    labels = [file.name.lower() for file in (studies / "labels" / "final").iterdir()]
    assert len(set(labels)) == len(labels) == 2


def test_a_name_that_means_two_images_is_none(studies, open_store, add):
    (studies / "x").mkdir()
    (studies / "X").mkdir()
    (studies / "x" / "one.png").write_bytes(b"1")
    (studies / "X" / "one.png").write_bytes(b"2")
    store = open_store()
    assert store.list_images() == ["X/one", "x/one.png"]
    with pytest.raises(DatastoreError, match="there is no image 'x/two'"):
        store.canonical_id("x/two")


@pytest.mark.sqlite
def test_kept_versions_are_found_in_another_spelling(studies, open_store, add, label_file):
    add(studies, f"{NFC}.png")
    store = open_store()
    for text in ("first", "second"):
        store.save_label(NFC, label_file(text, ".png"))
    store.close()
    # As a folder comes back from a Mac, without its catalogue.
    for file in [*studies.rglob(f"{NFC}*")]:
        file.rename(file.with_name(unicodedata.normalize("NFD", file.name)))
    for file in (studies / ".jlabel").glob("catalogue*"):
        file.unlink()
    again = open_store()
    assert [(one.number, one.current) for one in again.label_history(NFC)] == [(1, False), (2, True)]
    again.restore_label(NFC, 1)
    assert Path(again.get_label_uri(NFC)).read_text() == "first"


def test_a_planted_spelling_leads_nowhere_else(studies, open_store, add, label_file):
    add(studies, "a.png")
    store = open_store()
    for planted in ('{"final/a.nii.gz": "../../elsewhere.nii.gz"}', "no json", "[1]", '{"final/a.nii.gz": 5}'):
        with store._catalogue.write() as connection:
            set_setting(connection, "label_spellings", planted)
        store.refresh()
        store.save_label("a", label_file("x"))
        assert Path(store.get_label_uri("a")) == studies / "labels" / "final" / "a.nii.gz"
