"""The catalogue's file: damaged, newer, held by someone else."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from jlabel.datastores.catalogue import Catalogue
from jlabel.datastores.setting_rows import get_setting, set_setting
from jlabel.datastores.tables import SCHEMA_VERSION
from jlabel.errors import DatastoreError


def damage(studies: Path, how: str) -> None:
    file = studies / ".jlabel" / "catalogue.sqlite"
    content = file.read_bytes()
    if how == "text":
        file.write_bytes(b"this is no database at all, " * 100)
    elif how == "truncated":
        file.write_bytes(content[: len(content) // 2])
    else:
        file.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    for suffix in ("-wal", "-shm"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)


@pytest.mark.parametrize("how", ["text", "truncated", "overwritten"])
def test_damaged_catalogue_is_set_aside_and_no_label_is_lost(studies, open_store, add, label_file, how):
    add(studies, "a.png", "b.png", "c.png")
    store = open_store()
    for text in ("first", "second"):
        store.save_label("a", label_file(text))
    store.save_label("b", label_file("removed"))
    store.remove_label("b", "final")
    store.close()
    damage(studies, how)
    store = open_store()
    assert store.list_images() == ["a", "b", "c"]
    assert store.get_labeled_images() == ["a"]
    assert [(v.number, v.bytes, v.current) for v in store.label_history("a")] == [(1, 5, False), (2, 6, True)]
    store.restore_label("b", 1)
    assert Path(store.get_label_uri("b")).read_text() == "removed"
    store.restore_label("a", 1)
    assert Path(store.get_label_uri("a")).read_text() == "first"
    (note,) = open_store().status()["notes"]
    assert "damaged" in note
    assert list((studies / ".jlabel").glob("catalogue.damaged-*.sqlite"))


def test_deleted_catalogue_is_made_again(studies, open_store, add, label_file):
    add(studies, "a.png")
    store = open_store()
    store.save_label("a", label_file("x"))
    store.close()
    for file in (studies / ".jlabel").glob("catalogue*"):
        file.unlink()
    assert [version.number for version in open_store().label_history("a")] == [1]


def test_catalogue_of_a_newer_jlabel_is_refused(tmp_path):
    file = tmp_path / "catalogue.sqlite"
    catalogue = Catalogue(file)
    with catalogue.write() as connection:
        set_setting(connection, "schema_version", "99")
    catalogue.close()
    with pytest.raises(DatastoreError, match="newer jlabel"):
        Catalogue(file)


def test_catalogue_held_by_another_program(studies, open_store, add, label_file):
    add(studies, "a.png")
    hasty, patient = open_store(timeout=0.2), open_store(timeout=30)
    other = sqlite3.connect(studies / ".jlabel" / "catalogue.sqlite", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatastoreError, match="held by another program"):
        hasty.save_label("a", label_file("x"))
    assert hasty.get_unlabeled_images() == ["a"]
    assert not list((studies / ".jlabel").rglob("*.nii.gz"))
    release = threading.Timer(0.5, lambda: other.execute("ROLLBACK"))
    release.start()
    patient.save_label("a", label_file("y"))
    release.join()
    other.close()
    assert hasty.get_labeled_images() == ["a"]


def test_failed_transaction_is_taken_back(tmp_path):
    catalogue = Catalogue(tmp_path / "catalogue.sqlite")

    def fail_halfway() -> None:
        with catalogue.write() as connection:
            set_setting(connection, "name", "half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    with catalogue.read() as connection:
        assert get_setting(connection, "name") is None
    catalogue.close()


def test_a_catalogue_of_the_first_version_is_opened_and_nothing_is_lost(studies, open_store, add, label_file):
    add(studies, "a.png", "sub/b.png", "pic.dcm")
    store = open_store()
    store.save_label("a", label_file("first"), info={"comment": "x"})
    store.save_label("a", label_file("second"))
    store.update_image_info("sub/b", {"site": "B"})
    before = [store.list_images(), store.label_history("a"), store.status()]
    store.close()
    file = studies / ".jlabel" / "catalogue.sqlite"
    with sqlite3.connect(file) as raw:
        raw.execute("ALTER TABLE folder DROP COLUMN contents")
        raw.execute("ALTER TABLE folder DROP COLUMN left_out")
        raw.execute("UPDATE folder SET mtime_ns = 1")
        raw.execute("UPDATE setting SET value = '1' WHERE key = 'schema_version'")
    raw.close()
    again = open_store()
    assert [again.list_images(), again.label_history("a"), again.status()] == before
    assert again.get_image_info("sub/b") == {"site": "B"}
    with again._catalogue.read() as connection:
        assert get_setting(connection, "schema_version") == str(SCHEMA_VERSION)
        assert connection.exec_driver_sql("SELECT count(*) FROM folder WHERE contents IS NOT NULL").scalar() == 2
