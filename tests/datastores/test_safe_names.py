"""Nothing is read or written outside the studies folder, whatever an id, a tag or a link says."""

from __future__ import annotations

import pytest

from jlabel.errors import DatastoreError

ESCAPES = [
    "../x",
    "/etc/passwd",
    "a/../../x",
    "a\\..\\x",
    "a\0b",
    "",
    ".",
    "..",
    "a//b",
    ".jlabel/x",
    "a/.hidden",
    "\udcff",
]


@pytest.mark.parametrize("image_id", ESCAPES)
def test_escaping_image_id(studies, open_store, add, label_file, image_id):
    add(studies, "a.png")
    store = open_store()
    calls = [
        lambda: store.save_label(image_id, label_file("x")),
        lambda: store.get_image_uri(image_id),
        lambda: store.get_label_uri(image_id),
        lambda: store.add_image(image_id, label_file("x", ".png")),
        lambda: store.remove_image(image_id),
    ]
    before = sorted(studies.parent.rglob("*"))
    for call in calls:
        with pytest.raises(DatastoreError):
            call()
    assert [file for file in sorted(studies.parent.rglob("*")) if file not in before and studies in file.parents] == []


@pytest.mark.parametrize("tag", [*ESCAPES, "a/b", "x" * 101])
def test_escaping_tag(studies, open_store, add, label_file, tag):
    add(studies, "a.png")
    store = open_store()
    for call in (
        lambda: store.save_label("a", label_file("x"), tag=tag),
        lambda: store.get_label_uri("a", tag),
        lambda: store.remove_label("a", tag),
        lambda: store.restore_label("a", 1, tag),
        lambda: store.datalist(tag=tag),
    ):
        with pytest.raises(DatastoreError, match="cannot be a label tag"):
            call()


@pytest.mark.parametrize("link", ["labels", "labels/final", "labels/final/sub"])
def test_labels_that_lead_out_of_the_folder_are_not_written(studies, open_store, add, label_file, tmp_path, link):
    add(studies, "sub/a.png")
    outside = tmp_path / "outside"
    outside.mkdir()
    (studies / link).parent.mkdir(parents=True, exist_ok=True)
    (studies / link).symlink_to(outside)
    store = open_store()
    with pytest.raises(DatastoreError, match="outside the studies folder"):
        store.save_label("sub/a", label_file("x"))
    assert list(outside.rglob("*")) == []
    assert store.label_history("sub/a") == []


@pytest.mark.parametrize("place", ["outside", "studies/inside"])
def test_an_own_folder_that_is_a_link_is_refused(studies, open_store, tmp_path, place):
    (tmp_path / place).mkdir()
    (studies / ".jlabel").symlink_to(tmp_path / place)
    with pytest.raises(DatastoreError, match=r"\.jlabel is a link.*remove the link"):
        open_store()
    assert list((tmp_path / place).iterdir()) == []


def test_version_numbers_are_never_paths(studies, open_store, add, label_file):
    add(studies, "a.png")
    store = open_store()
    store.save_label("a", label_file("x"))
    with pytest.raises(DatastoreError, match="no version"):
        store.restore_label("a", "../../x")
