"""Moving a catalogue between a file and a server: nothing is lost, whatever happens meanwhile."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from jlabel.datastores import LocalDatastore, Score
from jlabel.errors import Cancelled, DatastoreError
from jlabel.progress import Progress
from tests.postgres_server import PostgresServer

ODD = {"nan": math.nan, "nul": "a\0b", "half": "\ud800", "ü": [1, None, {"x": 1e300}]}


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    """Images with versions, notes and scores, and a catalogue in a file."""
    folder = tmp_path / "studies"
    (folder / "Übung").mkdir(parents=True)
    for name in ("a", "b", "Übung/c"):
        Image.new("L", (5, 4)).save(folder / f"{name}.png")
    store = LocalDatastore(folder)
    for number in range(3):
        store.save_label("a", folder / "b.png", info={"number": number, "odd": ODD})
    store.save_label("b", folder / "a.png", "original")
    store.update_image_info("Übung/c", {"skipped": "now", **ODD})
    store.scores.save([Score("a", "entropy", 0.1, by_label={"x": 1 / 3}), Score("b", "entropy", math.nan)])
    store.close()
    return folder


def contents(store: LocalDatastore) -> str:
    """All that the catalogue says, as text: what is no number is itself there."""
    images = store.list_images()
    histories = [store.label_history(image, tag) for image in images for tag in ("final", "original")]
    scores = [store.scores.of_image(image) for image in images]
    infos = [store.get_image_info(image) for image in images]
    return repr((images, histories, scores, infos, store.browse(), store.waiting_images(skipped=True)))


def left(studies: Path) -> list[str]:
    return sorted(one.name for one in (studies / ".jlabel").iterdir() if one.name.startswith("catalogue.sqlite"))


def test_to_a_server_and_back(studies: Path, postgres: PostgresServer) -> None:
    store = LocalDatastore(studies)
    before, url = contents(store), postgres.new_url()
    assert store.migrate_catalogue(url) == url
    assert contents(store) == before
    assert not (studies / ".jlabel" / "catalogue.sqlite").exists()
    assert any(".moved-" in name for name in left(studies))
    again = LocalDatastore(studies)
    assert contents(again) == before
    # New rows get keys of their own, in all tables.
    Image.new("L", (5, 4)).save(studies / "d.png")
    again.refresh()
    again.save_label("d", studies / "a.png")
    again.save_label("Übung/c", studies / "a.png")
    store.scores.save([Score("d", "novelty", 0.5)])
    after = contents(store)
    assert store.migrate_catalogue("sqlite") == str(studies / ".jlabel" / "catalogue.sqlite")
    assert contents(store) == after
    with pytest.raises(DatastoreError, match="was moved meanwhile; open the studies again"):
        again.save_label("a", studies / "b.png")
    # Once more to the same place, where the former one still is.
    store.migrate_catalogue(url)
    assert contents(LocalDatastore(studies)) == after
    with pytest.raises(DatastoreError, match="is there already"):
        store.migrate_catalogue(url)


def test_who_has_the_file_open_is_told(studies: Path, postgres: PostgresServer) -> None:
    store, other = LocalDatastore(studies), LocalDatastore(studies)
    store.migrate_catalogue(postgres.new_url())
    with pytest.raises(DatastoreError, match="was moved meanwhile; open the studies again"):
        other.list_images()
    with pytest.raises(DatastoreError, match="was moved meanwhile"):
        other.save_label("a", studies / "b.png")


def test_nothing_is_moved_while_others_write_or_where_others_are(studies: Path, postgres: PostgresServer) -> None:
    store, other = LocalDatastore(studies, timeout=0.2), LocalDatastore(studies)
    with other._catalogue.write(), pytest.raises(DatastoreError, match="held by another program"):
        store.migrate_catalogue(postgres.new_url())
    taken = postgres.new_url()
    (studies.parent / "others").mkdir()
    LocalDatastore(studies.parent / "others", catalogue=taken).close()
    with pytest.raises(DatastoreError, match="is the catalogue of other studies"):
        store.migrate_catalogue(taken)
    with pytest.raises(Cancelled):
        store.migrate_catalogue(postgres.new_url(), Progress(check=cancel))
    postgres.stop()
    with pytest.raises(DatastoreError, match="cannot be reached"):
        store.migrate_catalogue(taken)
    other.save_label("a", studies / "b.png")
    assert left(studies)[0] == "catalogue.sqlite"
    assert LocalDatastore(studies).list_images() == store.list_images()


def cancel() -> None:
    raise Cancelled("enough")


@pytest.mark.parametrize("moment", ["copy_rows", "_mark", "write_link"])
def test_killed_at_any_moment_one_of_the_two_has_everything(
    moment: str, studies: Path, postgres: PostgresServer
) -> None:
    store, url = LocalDatastore(studies), postgres.new_url()
    before = contents(store)
    store.close()
    code = f"""
import os, signal
import jlabel.datastores.catalogue_move as move
from jlabel.datastores import LocalDatastore
store = LocalDatastore({str(studies)!r})
act = move.{moment}
def kill(*arguments):
    if {moment!r} == "write_link" and not arguments[1].place:
        return act(*arguments)
    if {moment!r} != "write_link":
        act(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)
move.{moment} = kill
store.migrate_catalogue({url!r})
"""
    assert subprocess.run([sys.executable, "-c", code], env=os.environ, check=False).returncode == -signal.SIGKILL
    again = LocalDatastore(studies)
    decided = moment == "write_link"
    assert again._catalogue.database.place == (url if decided else str(studies / ".jlabel" / "catalogue.sqlite"))
    assert contents(again) == before
    assert ("catalogue.sqlite" in left(studies)) is not decided
    again.save_label("a", studies / "b.png")
    if not decided:
        again.migrate_catalogue(url)
    assert len(LocalDatastore(studies).label_history("a")) == 4
