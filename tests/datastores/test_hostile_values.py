"""Every file below ``.jlabel`` with values that nobody expects: what is asked of it answers, or says what is wrong."""

from __future__ import annotations

import contextlib
import copy
import json
import random
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from jlabel.annotation.recovery.journal_reading import read_journal, read_owner
from jlabel.annotation.recovery.journal_records import record
from jlabel.annotation.recovery.unsaved_drafts import find_unsaved_drafts
from jlabel.app import LabelApp
from jlabel.datastores import LocalDatastore
from jlabel.datastores.folder_contents import FolderContents, kept_in_short
from jlabel.errors import JlabelError
from jlabel.jobs import Job, Jobs
from jlabel.jobs.folder import JobFolder, JobRequest
from jlabel.labeler.features.thumbnail_cache import ThumbnailCache
from jlabel.labels import LabelSet, make_labels
from jlabel.manager import listings
from jlabel.registry import ModelStore, ModelVersion
from jlabel.widget import AppManager
from tests.imaging.media import medium, slices

JOB = "20260101-000000-000000-abcd"
#: What JSON can hold and few programs expect.
VALUES: list[Any] = [
    10**400,
    -(10**400),
    float("inf"),
    float("-inf"),
    float("nan"),
    1e300,
    -1e300,
    2**63,
    2**64,
    -(2**63) - 1,
    2**31,
    -1,
    0,
    1.5,
    True,
    False,
    None,
    "",
    " ",
    "\0",
    "\ud800",
    "x" * 10_000,
    "../..",
    "/etc/passwd",
    "1e400",
    "<b>",
    "\u202e",
    [],
    {},
    [[]],
    [None] * 9,
    [10**400],
    {"": {}},
    {"a": {"b": {"c": float("nan")}}},
]


def mutated(document: Any, rng: random.Random) -> Any:
    """A copy of a document of JSON with one to three of its values, or names, of another kind."""
    made = [copy.deepcopy(document)]
    for _ in range(rng.randrange(1, 4)):
        at, key = rng.choice([(made, 0), *_places(made[0])])
        if isinstance(at, dict) and rng.random() < 0.2:
            at[rng.choice(["", "\0", "../..", "\ud800", "x" * 300, "1" * 400])] = at.pop(key)
        else:
            at[key] = copy.deepcopy(rng.choice(VALUES))
    return made[0]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(items):
        yield value, key
        yield from _places(inner)


def test_what_was_found_in_a_folder(studies: Path, tmp_path: Path) -> None:
    medium(studies, slices(tmp_path / "a", "1.2.1", range(2)))
    contents = FolderContents()
    contents.look(studies, ["DICOMDIR"], FolderContents(), ())
    contents.look(next(studies.glob("PT*/ST*/SE*")), ["IM000000", "IM000001"], FolderContents(), ())
    short, rest = map(json.loads, contents.dump().split("\n"))
    rng = random.Random(1)
    for _ in range(1500):
        text = f"{json.dumps(mutated(short, rng))}\n{json.dumps(mutated(rest, rng))}"
        found = FolderContents.load(text)
        found.groups(), found.series(), found.directories(), found.apart(), FolderContents.load(found.dump())
        assert all(isinstance(uid, str) for uid in kept_in_short(text.partition("\n")[0])[0])


def test_the_catalogues_folders(studies: Path, open_store, tmp_path: Path) -> None:
    medium(studies, slices(tmp_path / "a", "1.2.1", range(2)))
    (studies / "PT000000" / "x.ppm").write_bytes(b"P6")
    open_store().close()
    with contextlib.closing(sqlite3.connect(studies / ".jlabel" / "catalogue.sqlite")) as connection:
        rows = connection.execute("SELECT path, contents, left_out FROM folder WHERE area = 'images'").fetchall()
    rng = random.Random(2)
    for _ in range(60):
        with contextlib.closing(sqlite3.connect(studies / ".jlabel" / "catalogue.sqlite")) as connection, connection:
            for path, contents, left_out in rows:
                text = "\n".join(json.dumps(mutated(json.loads(line), rng)) for line in contents.split("\n"))
                why = left_out and json.dumps(mutated(json.loads(left_out), rng))
                connection.execute(
                    "UPDATE folder SET contents = ?, left_out = ?, mtime_ns = ? WHERE path = ? AND area = 'images'",
                    (text, why, rng.choice([None, 1, -1, 2**62]), path),
                )
        store = LocalDatastore(studies)
        # It may say that a file is none; it does not say where one is.
        assert all(image_id.startswith("PT000000/ST000000/SE000000") for image_id in store.list_images())
        store.refresh()
        assert all(isinstance(note, str) for note in store.notes())
        store.close()


def test_jobs(tmp_path: Path, own_locks: Path) -> None:
    folder = JobFolder(tmp_path / "jobs" / JOB)
    folder.path.mkdir(parents=True)
    folder.write_request(JobRequest(JOB, "train", "segmentation", options={"max_epochs": 3}, created=1.0))
    request = json.loads(folder.request.read_text())
    events = [
        {"time": 1, "state": "queued"},
        {"time": 2, "state": "running", "device": "cpu", "progress": 0.5, "left": 3.0, "note": "a note"},
        {"time": 3, "metrics": {"epoch": 1, "loss": 0.5, "val_mean_dice": 0.3}},
        {"time": 4, "metrics": {"epoch": 2, "loss": 0.4, "val_mean_dice": 0.4}},
        {"time": 5, "state": "done", "result": {"version": 1, "in_use": True, "note": "x", "done": 3, "left_out": {}}},
    ]
    rng = random.Random(3)
    for turn in range(300):
        folder.request.write_text(json.dumps(mutated(request, rng) if turn % 3 == 0 else request))
        lines = [mutated(event, rng) for event in events]
        if turn % 2:
            lines.append({"time": 6, "state": rng.choice(["failed", "cancelled"]), "error": rng.choice(VALUES)})
        folder.events.write_text("".join(json.dumps(line) + "\n" for line in lines))
        found = Jobs(folder.path.parent).list()
        for job in found:
            assert "\n" not in repr(job)
            job._repr_mimebundle_(), job.metrics, job.result, job.notes, job.time_left, job.log, job.device
        table = listings.job_list(found)
        table._repr_html_(), repr(table)
        try:
            Job(folder)
        except JlabelError:
            assert turn % 3 == 0


def test_models(tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "models")
    (tmp_path / "weights").write_bytes(b"weights")
    made = ModelVersion(
        "organ",
        0,
        metric="dice",
        score=0.5,
        metrics={"dice": 0.5},
        parent=1,
        images={"a": 1},
        judged_by={"b": 2},
        labels={"liver": 1},
        config={"max_epochs": 3},
        network={"name": "UNet"},
    )
    store.publish(made, tmp_path / "weights")
    file = tmp_path / "models" / "organ" / "1" / "model.json"
    row, rng = json.loads(file.read_text()), random.Random(4)
    for _ in range(400):
        file.write_text(json.dumps(mutated(row, rng)))
        (tmp_path / "models" / "organ" / "in_use").write_text(
            rng.choice(["1", "x", "1" * 5000, "-1", "1e400", "\0", "²"])
        )
        with contextlib.suppress(JlabelError):
            versions = store.versions("organ")
            table = listings.model_list(versions, "organ")
            repr(versions), table._repr_html_()
            json.loads(versions[0].to_json()) if versions else None
        with contextlib.suppress(JlabelError):
            store.in_use("organ")


def test_drafts(tmp_path: Path) -> None:
    heads = [
        {"owner": {"kernel": "k", "author": "mia", "host": "h", "pid": 1, "time": 1.0}, "image": "stamp"},
        {
            "region": [0, 0, 2, 2],
            "dtype": "uint8",
            "prompts": [{"kind": "click"}],
            "notes": {"provenance": {"1": "mia"}},
        },
        {"region": None, "dtype": "uint8", "prompts": [0], "more": True},
    ]
    file, rng = tmp_path / ".a.0123456789abcdef.draft", random.Random(5)
    for _ in range(400):
        file.write_bytes(b"".join(record(mutated(head, rng), b"") for head in heads))
        for stamp in ("", "stamp"):
            found = read_journal(file, (4, 5), stamp=stamp)
            assert found is None or found.mask.shape == (4, 5)
        read_owner(file)
        unsaved = find_unsaved_drafts([file], (4, 5))
        if unsaved.claimed is not None:
            unsaved.claimed.close()


def test_label_sets() -> None:
    declared = make_labels(["liver", "spleen"])
    kept = LabelSet.of(declared).add("cyst").rename("liver", "hepar").delete("spleen").to_json()
    rng = random.Random(6)
    for _ in range(1500):
        found = LabelSet.joined(document if isinstance(document := mutated(kept, rng), dict) else None, declared)
        assert found.entries
        assert all(1 <= label.value <= 65_535 for label in found.labels)
        LabelSet.joined(found.to_json(), declared)
        found.values_for(["liver"]), found.learnt_values, found.lost_values, found.with_unnamed([1, 7])


SETTINGS = {
    "label_set": {
        "labels": [{"name": "organ", "value": 1, "color": "#ffffff", "declared": ["organ"], "colored": True}],
        "deleted": [],
    },
    "label_spellings": {"final/a.png": "A.png"},
    "setting:automatic_training": {"on": True, "trainer": "segmentation", "tried": {"segmentation": 3}},
    "setting:effort": {"on": True},
    "notes": ["a note"],
}
IMAGE_INFO = {
    "skipped": True,
    "unreadable": {"problem": "x", "file": [1, 2]},
    "unshown_label": {"version": 1},
    "dicom": {"patient": "p"},
}
LABEL_INFO = {
    "labels": {"organ": 1},
    "label_names": ["organ"],
    "models": ["click"],
    "mapped": {"255": 1},
    "comment": "c",
    "effort": {"seconds": 3},
}


def test_a_whole_folder_is_opened_listed_and_labelled(studies: Path, own_locks: Path, open_store) -> None:
    for name in "abc":
        Image.fromarray(np.arange(20, dtype=np.uint8).reshape(4, 5)).save(studies / f"{name}.png")
    store = open_store()
    store.save_label("a", np.ones((4, 5), np.uint8), info=LABEL_INFO)
    store.update_image_info("a", IMAGE_INFO)
    store.update_image_info("b", IMAGE_INFO)
    store.close()
    rng = random.Random(7)
    for _ in range(40):
        with contextlib.closing(sqlite3.connect(studies / ".jlabel" / "catalogue.sqlite")) as connection, connection:
            for key, value in SETTINGS.items():
                if rng.random() < 0.7:
                    text = json.dumps(mutated(value, rng))
                    connection.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (key, text))
            connection.execute("UPDATE image SET info = ? WHERE id != 'c'", (json.dumps(mutated(IMAGE_INFO, rng)),))
            connection.execute("UPDATE version SET info = ?", (json.dumps(mutated(LABEL_INFO, rng)),))
            connection.execute("UPDATE version SET time = ?", (rng.choice([0, -1, 1e300, 2**62, "x", 1.5]),))
        manager = AppManager(LabelApp(studies, labels=["organ"]), device="cpu")
        work_in(manager)
        manager.close()


def work_in(manager: AppManager) -> None:
    """What a person does in a morning."""
    store = manager.datastore
    assert store.list_images() == ["a", "b", "c"]
    manager._repr_html_(), repr(manager), manager.info(), store.status()
    for image_id in "abc":
        store.get_image_info(image_id)
        history = store.label_history(image_id)
        repr(history), history._repr_html_()
    store.get_label_info("a")
    store.browse(search="a"), store.browse(state="final"), store.first_unlabeled(), store.refresh()
    for table in (manager.images(), manager.labels_table()):
        repr(table)
    manager.next_image()
    labeler = manager.labeler("c")
    repr(labeler)
    labeler.save()
    labeler.close()


def test_what_monai_label_noted(studies: Path) -> None:
    Image.fromarray(np.arange(20, dtype=np.uint8).reshape(4, 5)).save(studies / "a.png")
    info = {"ts": 1662000000, "name": "a.png", "params": {"label_names": {"organ": 1}}}
    image, label = {"ext": ".png", "info": info}, {"ext": ".png", "info": info}
    objects = {name: {"image": image, "labels": {"final": label}} for name in ("a", "gone")}
    noted = {"name": "n", "description": "d", "images_dir": ".", "labels_dir": "labels", "objects": objects}
    rng = random.Random(8)
    for _ in range(60):
        (studies / "datastore_v2.json").write_text(json.dumps(mutated(noted, rng)))
        store = LocalDatastore(studies)
        assert "a" in store.list_images()
        assert isinstance(store.name(), str)
        store.status(), store.get_image_info("a"), store.save_label("a", np.ones((4, 5), np.uint8))
        store.get_label_info("a"), store.label_history("a")
        store.close()
        shutil.rmtree(studies / ".jlabel")


def test_thumbnails(tmp_path: Path) -> None:
    cache, rng = ThumbnailCache(tmp_path), random.Random(9)
    cache.put("a", b"\xff\xd8 a picture \xff\xd9")
    for _ in range(200):
        (tmp_path / "a.jpg").write_bytes(json.dumps(rng.choice(VALUES)).encode())
        assert cache.get("a") is None
