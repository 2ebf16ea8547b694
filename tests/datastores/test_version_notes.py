"""What was saved under one key with all versions: read at once, and the same as read label by label."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from sqlalchemy import event, text

from jlabel.datastores import Datastore, LocalDatastore

MASK = np.zeros((4, 4, 4), np.uint8)


@pytest.fixture
def datastore(tmp_path: Path) -> Iterator[LocalDatastore]:
    for name in "abcd":
        nib.save(nib.Nifti1Image(MASK, np.eye(4)), tmp_path / f"{name}.nii.gz")
    datastore = LocalDatastore(tmp_path, author="Ada")
    yield datastore
    datastore.close()


def test_every_version_of_every_label_is_there(datastore: LocalDatastore) -> None:
    datastore.save_label("b", MASK, info={"note": {"n": 1}, "other": {"n": 9}})
    datastore.save_label("a", MASK, "mine", {"note": {"n": 2}}, author="Bob")
    datastore.save_label("b", MASK, info={"note": {"n": 3}})
    datastore.save_label("b", MASK, info={})
    found = datastore.version_notes("note")
    assert [(one.image_id, one.tag, one.number, one.author, one.value) for one in found] == [
        ("a", "mine", 1, "Bob", {"n": 2}),
        ("b", "final", 1, "Ada", {"n": 1}),
        ("b", "final", 2, "Ada", {"n": 3}),
    ]
    assert found == Datastore.version_notes(datastore, "note")
    assert found[1].time == datastore.label_history("b")[0].time


def test_what_is_no_object_is_none_and_what_is_beside_it_does_not_matter(datastore: LocalDatastore) -> None:
    datastore.save_label("a", MASK, info={"note": {"n": 1}, "score": float("nan")})
    for value in ("text", 3, [1], None, True, float("inf")):
        datastore.save_label("b", MASK, info={"note": value})
    datastore.save_label("c", MASK, info={"note": {"n": 2, 'quote"s': "$.x"}})
    assert [one.image_id for one in datastore.version_notes("note")] == ["a", "c"]
    assert datastore.version_notes("note") == Datastore.version_notes(datastore, "note")
    assert datastore.version_notes("no such") == []


@pytest.mark.parametrize("key", ["no.te", "note[0]", "$", "'; DROP TABLE version; --"])
def test_a_key_of_any_letters_is_a_key(datastore: LocalDatastore, key: str) -> None:
    datastore.save_label("a", MASK, info={key: {"n": 1}})
    assert datastore.version_notes(key) == Datastore.version_notes(datastore, key)


@pytest.mark.parametrize("damage", ["info = '{bad'", "time = 1e300", "info = x'ff'"])
def test_a_damaged_row_is_passed_by(datastore: LocalDatastore, damage: str) -> None:
    for image_id in "ab":
        datastore.save_label(image_id, MASK, info={"note": {"n": 1}})
    with datastore._catalogue.write() as connection:
        connection.execute(text(f"UPDATE version SET {damage} WHERE pk = (SELECT min(pk) FROM version)"))
    assert [one.image_id for one in datastore.version_notes("note")] == ["b"]


def test_it_is_one_query_however_many_there_are(datastore: LocalDatastore) -> None:
    for image_id in "abcd":
        datastore.save_label(image_id, MASK, info={"note": {"n": 1}})
    asked: list[str] = []
    event.listen(
        datastore._catalogue.database.engine, "before_cursor_execute", lambda *arguments: asked.append(arguments[2])
    )
    assert len(datastore.version_notes("note")) == 4
    assert len([one for one in asked if one.startswith("SELECT")]) == 1


def test_a_removed_image_is_not_listed(datastore: LocalDatastore) -> None:
    datastore.save_label("a", MASK, info={"note": {"n": 1}})
    datastore.remove_image("a")
    assert datastore.version_notes("note") == []
