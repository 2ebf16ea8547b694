"""Labels in a bucket: saved with their versions, from several machines, found by the others."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import fsspec
import numpy as np
import pytest

from jlabel.datastores import LocalDatastore, NewLabel
from jlabel.datastores.remote.remote_object import RemoteObject
from jlabel.errors import DatastoreError


@pytest.fixture
def scans(put, add, tmp_path):
    """Three pictures in the bucket."""
    add(tmp_path / "made", "a.png", "b.png", "sub/c.png")
    put(**{name: (tmp_path / "made" / name).read_bytes() for name in ("a.png", "b.png", "sub/c.png")})


def test_a_copy_of_the_bucket_is_a_studies_folder(scans, s3, bucket, keys, get, open_remote, tmp_path):
    store = open_remote()
    mask = np.zeros((4, 5), np.uint8)
    for value in (1, 2):
        mask[1, 2] = value
        store.save_label("a", mask, info={"value": value})
    store.save_label("sub/c", mask, tag="original")
    names = [
        ".jlabel/versions/final/a.v1.png",
        ".jlabel/versions/final/a.v2.png",
        ".jlabel/versions/original/sub/c.v1.png",
        "labels/final/a.png",
        "labels/original/sub/c.png",
    ]
    assert [key for key in keys() if "labels/" in key or "versions/" in key] == names
    copied = tmp_path / "copied"
    for key in keys():
        (copied / key).parent.mkdir(parents=True, exist_ok=True)
        (copied / key).write_bytes(get(key))
    local = LocalDatastore(copied)
    assert [version.number for version in local.label_history("a")] == [1, 2]
    assert local.get_labels_by_image_id("sub/c") == {"original": "sub/c"}
    assert Path(local.get_label_uri("a")).read_bytes() == Path(store.get_label_uri("a")).read_bytes()
    local.close()


def test_many_labels_are_saved_beside_each_other(scans, open_remote, get, label_file):
    store = open_remote()
    store.save_label("a", label_file("before"))
    new = [NewLabel(name, label_file(name), {"of": name}, f"author of {name}") for name in ("a", "b", "sub/c")]
    assert store.save_labels(new) == 3
    assert [get(f"labels/final/{name}.nii.gz") for name in ("a", "b", "sub/c")] == [b"a", b"b", b"sub/c"]
    assert [version.author for version in store.label_history("a")][1:] == ["author of a"]
    assert store.get_label_info("sub/c") == {"of": "sub/c"}
    assert not list((store.folder / ".jlabel" / "tmp").iterdir())


def test_threads_save_one_label_and_no_version_is_lost(scans, open_remote, get, label_file):
    store = open_remote()
    threads = [
        threading.Thread(target=store.save_label, args=("a", label_file(f"text {number}"))) for number in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = [version.number for version in store.label_history("a")]
    assert numbers == [1, 2, 3, 4, 5, 6]
    kept = {get(f".jlabel/versions/final/a.v{number}.nii.gz").decode() for number in numbers}
    assert kept == {f"text {number}" for number in range(6)}
    assert get("labels/final/a.nii.gz") == Path(store.get_label_uri("a")).read_bytes()


def test_two_machines_save_one_label_and_both_versions_are_kept(scans, open_remote, get, label_file):
    mine, theirs = open_remote("mine", author="Ada"), open_remote("theirs", author="Ben")
    mine.save_label("a", label_file("Ada's"))
    theirs.save_label("a", label_file("Ben's"))
    assert [get(f".jlabel/versions/final/a.v{number}.nii.gz") for number in (1, 2)] == [b"Ada's", b"Ben's"]
    assert get("labels/final/a.nii.gz") == b"Ben's"
    mine.refresh()
    assert [(version.number, version.current) for version in mine.label_history("a")] == [(1, False), (2, True)]
    assert Path(mine.get_label_uri("a")).read_text() == "Ben's"
    assert [version.author for version in theirs.label_history("a")] == [None, "Ben"]
    assert Path(theirs.get_version_uri("a", 1)).read_text() == "Ada's"
    theirs.restore_label("a", 1)
    assert get("labels/final/a.nii.gz") == get(".jlabel/versions/final/a.v3.nii.gz") == b"Ada's"


def test_machines_that_save_at_the_same_moment_have_a_number_each(scans, open_remote, get, label_file):
    stores = [open_remote(f"machine {number}") for number in range(3)]
    ready = threading.Barrier(3)

    def save(number: int) -> None:
        ready.wait()
        for turn in range(3):
            stores[number].save_label("b", label_file(f"{number}.{turn}"))

    threads = [threading.Thread(target=save, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = {get(f".jlabel/versions/final/b.v{number}.nii.gz").decode() for number in range(1, 10)}
    assert kept == {f"{number}.{turn}" for number in range(3) for turn in range(3)}
    current = get("labels/final/b.nii.gz")
    assert current.decode() in kept
    for store in stores:
        store.refresh()
        assert [version.number for version in store.label_history("b")] == list(range(1, 10))
        assert Path(store.get_label_uri("b")).read_bytes() == current


def test_a_label_that_another_program_put_there_is_kept_when_it_is_replaced(scans, put, get, open_remote, label_file):
    put(**{"labels/final/a.nii.gz": b"from another program"})
    store = open_remote()
    assert store.get_labeled_images() == ["a"]
    store.save_label("a", label_file("mine"))
    assert get(".jlabel/versions/final/a.v1.nii.gz") == b"from another program"
    assert get(".jlabel/versions/final/a.v2.nii.gz") == get("labels/final/a.nii.gz") == b"mine"
    put(**{"labels/final/a.nii.gz": b"again"})
    store.save_label("a", label_file("mine too"))
    assert get("labels/final/a.nii.gz") == b"mine too"


def test_a_label_that_was_removed_elsewhere_goes_and_its_versions_stay(scans, keys, open_remote, label_file):
    mine, theirs = open_remote("mine"), open_remote("theirs")
    mine.save_label("a", label_file("one"))
    mine.save_label("a", label_file("two"), tag="original")
    theirs.refresh()
    assert theirs.get_labels_by_image_id("a") == {"final": "a", "original": "a"}
    theirs.remove_label("a", "final")
    assert "labels/final/a.nii.gz" not in keys()
    mine.refresh()
    assert mine.get_labels_by_image_id("a") == {"original": "a"}
    mine.restore_label("a", 1)
    theirs.refresh()
    assert Path(theirs.get_label_uri("a")).read_text() == "one"


def test_a_store_that_knows_only_times_of_whole_seconds(
    open_remote, add, label_file, empty_memory, monkeypatch, tmp_path
):
    of = RemoteObject.of

    def in_seconds(path: str, facts) -> RemoteObject:
        one = of(path, facts)
        return replace(one, tag=str(one.time))

    monkeypatch.setattr(RemoteObject, "of", in_seconds)
    add(tmp_path / "made", "a.png")
    fsspec.filesystem("memory").pipe("/scans/a.png", (tmp_path / "made" / "a.png").read_bytes())
    mine, theirs = open_remote("mine", "memory://scans"), open_remote("theirs", "memory://scans")
    mine.save_label("a", label_file("first"))
    mine.save_label("a", label_file("the second"))
    theirs.refresh()
    theirs.restore_label("a", 1)
    mine.refresh()
    assert [version.number for version in mine.label_history("a") if version.current] == [3]
    assert Path(mine.get_label_uri("a")).read_text() == "first"


def test_a_catalogue_that_was_lost_is_made_again_from_the_store(scans, open_remote, label_file):
    store = open_remote()
    for text in ("one", "two", "one"):
        store.save_label("a", label_file(text))
    store.close()
    for file in store.folder.glob(".jlabel/catalogue.sqlite*"):
        file.unlink()
    again = open_remote()
    assert [(version.number, version.current) for version in again.label_history("a")] == [
        (1, False),
        (2, False),
        (3, True),
    ]
    assert Path(again.get_label_uri("a")).read_text() == "one"
    assert Path(again.get_version_uri("a", 2)).read_text() == "two"


def test_a_label_of_another_format_replaces_the_one_before(scans, keys, open_remote, label_file):
    store = open_remote()
    store.save_label("a", label_file("one"))
    store.save_label("a", label_file("two", ".nrrd"))
    assert keys("labels/") == ["labels/final/a.nrrd"]


def test_a_bucket_that_can_only_be_read_says_so(scans, proxy, open_remote, label_file, keys):
    proxy.deny("PUT")
    store = open_remote()
    assert any("open to read, no label can be saved" in note for note in store.notes())
    with pytest.raises(DatastoreError, match=r"Credentials come from the environment"):
        store.save_label("a", label_file("one"))
    assert store.get_labeled_images() == []
    assert keys(".jlabel") == keys("labels") == []
    store.update_image_info("a", {"seen": True})
    assert store.get_image_info("a") == {"seen": True}
