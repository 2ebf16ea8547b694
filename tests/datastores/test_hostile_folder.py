"""A studies folder that came from somebody else: nothing outside of it changes, and it can be worked in."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import shutil
import socket
import sqlite3
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from jlabel.annotation.recovery.journal_records import record
from jlabel.annotation.recovery.unsaved_drafts import find_unsaved_drafts
from jlabel.app import LabelApp
from jlabel.datastores import LocalDatastore
from jlabel.errors import DatastoreError, JobError
from jlabel.jobs import Jobs
from jlabel.manager import AppManager
from jlabel.registry import ModelStore, ModelVersion

JOB = "20260101-000000-000000-abcd"
OLD = 1_600_000_000


class Received:
    """A folder with two images, one of them labelled, and a folder of somebody's own beside it.

    Attributes:
        studies: The folder as it was received.
        home: What must not change.
        sign: Made by code that must not run.
    """

    def __init__(self, top: Path) -> None:
        self.studies, self.home, self.sign = top / "studies", top / "home", top / "ran"
        self.studies.mkdir()
        self.home.mkdir()
        for name in ("a", "b"):
            Image.fromarray(np.arange(20, dtype=np.uint8).reshape(4, 5)).save(self.studies / f"{name}.png")
        with contextlib.closing(LocalDatastore(self.studies)) as store:
            store.save_label("a", np.ones((4, 5), np.uint8))
        for name in (".bashrc", "thesis.doc", "0123456789abcdef", "x.jpg"):
            (self.home / name).write_text("mine")
            os.utime(self.home / name, (OLD, OLD))
        (self.home / "cache").mkdir()
        (self.home / "cache" / "mine").write_text("mine")
        self.before = self._home()

    @property
    def own(self) -> Path:
        return self.studies / ".jlabel"

    def link(self, name: str, to: str = "") -> None:
        """Put a link in the place of something in ``.jlabel``."""
        place = self.own / name
        if place.is_dir():
            shutil.rmtree(place)
        place.unlink(missing_ok=True)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(self.home / to)

    def job(self, **files: str | bytes) -> Path:
        """A job that can be resumed, as it looks."""
        folder = self.own / "jobs" / JOB
        folder.mkdir(parents=True)
        request = {"id": JOB, "kind": "train", "name": "x", "device": "cpu", "created": 1, "nice": 1, "grace": 1}
        content: dict[str, str | bytes] = {
            "request.json": json.dumps(request),
            "work.pkl": pickle.dumps(Evil(self.sign)),
            "events.jsonl": '{"time": 1, "state": "cancelled"}\n',
        }
        for name, value in (content | {name.replace("_", "."): value for name, value in files.items()}).items():
            (folder / name).write_bytes(value if isinstance(value, bytes) else value.encode())
        return folder

    def request(self, **fields: object) -> None:
        """A job with other fields in its request."""
        folder = self.job()
        kept = json.loads((folder / "request.json").read_text())
        (folder / "request.json").write_text(json.dumps(kept | fields))

    def sql(self, *statements: str) -> None:
        with contextlib.closing(sqlite3.connect(self.own / "catalogue.sqlite")) as connection, connection:
            for statement in statements:
                connection.execute(statement)

    def draft(self, content: bytes, image_id: str = "b") -> None:
        (self.own / "drafts").mkdir(exist_ok=True)
        (self.own / "drafts" / f".{image_id}.0123456789abcdef.draft").write_bytes(content)

    def _home(self) -> dict[str, str]:
        found = {}
        for file in sorted(self.home.rglob("*")):
            found[str(file)] = file.read_text() if file.is_file() else "folder"
        return found

    def check_home(self) -> None:
        assert self._home() == self.before
        assert not self.sign.exists(), "code that came with the folder was run"


class Evil:
    """Runs on loading."""

    def __init__(self, sign: Path) -> None:
        self.sign = sign

    def __reduce__(self):
        return os.system, (f"touch {self.sign}",)


@pytest.fixture
def received(tmp_path: Path, own_locks: Path) -> Iterator[Received]:
    received = Received(tmp_path)
    yield received
    received.check_home()


def framed(head: bytes) -> bytes:
    return struct.pack("<III", len(head), 0, zlib.crc32(head)) + head


def make_socket(place: Path) -> None:
    with contextlib.chdir(place.parent), socket.socket(socket.AF_UNIX) as one:
        one.bind(place.name)


def in_place(name: str, make: Callable[[Path], object]) -> Callable[[Received], None]:
    """Something else in the place of a file in ``.jlabel``."""

    def plant(received: Received) -> None:
        place = received.own / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        make(place)

    return plant


def job_with(name: str, make: Callable[[Path], object]) -> Callable[[Received], None]:
    """A job with something else in the place of one of its files."""

    def plant(received: Received) -> None:
        folder = received.job()
        (folder / name).unlink(missing_ok=True)
        make(folder / name)

    return plant


def job_link(name: str, to: str) -> Callable[[Received], None]:
    def plant(received: Received) -> None:
        folder = received.job()
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(received.home / to)

    return plant


def labels_of(received: Received, name: str, to: str) -> None:
    shutil.rmtree(received.own / "versions")
    (received.own / "versions").mkdir()
    (received.own / "versions" / name).symlink_to(received.home / to)


def link_to_itself(received: Received) -> None:
    for name in ("loop.png", "loop", "labels/final/loop.png", ".jlabel/drafts/.a.0123456789abcdef.draft"):
        place = received.studies / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(place.name)


def model(received: Received, row: str) -> None:
    folder = received.own / "models" / "segmentation" / "1"
    folder.mkdir(parents=True)
    (folder / "model.json").write_text(row)
    (folder / "weights.safetensors").write_bytes(pickle.dumps(Evil(received.sign)))
    (folder.parent / "in_use").write_text("1")


def setting(key: str, value: str) -> Callable[[Received], None]:
    return lambda received: received.sql(f"INSERT OR REPLACE INTO setting VALUES ('{key}', '{value}')")


def pending_label_elsewhere(received: Received) -> None:
    """A label that is to be put in its place, with an extension that leads to somebody's file."""
    ext = f"/../../../../{received.home.name}/.bashrc"
    received.sql(
        f"INSERT INTO version (label_pk, number, ext, size, time, info) SELECT pk, 7, '{ext}', 4, 1, '{{}}' FROM label",
        "UPDATE label SET pending = 1",
    )


def journal_that_names(received: Received, victim: str) -> None:
    """A rollback journal of SQLite that is one of several: the file that it names as theirs is removed with it."""
    catalogue = received.own / "catalogue.sqlite"
    head = catalogue.read_bytes()[:100]
    size = int.from_bytes(head[16:18], "big")
    magic, name = bytes.fromhex("d9d505f920a163d7"), str(received.home / victim).encode()
    header = magic + struct.pack(">IIIII", 0, 0, catalogue.stat().st_size // size, 512, size)
    tail = struct.pack(">I", 2**30 // size + 1) + name + struct.pack(">II", len(name), sum(name)) + magic
    (received.own / "catalogue.sqlite-journal").write_bytes(header.ljust(512, b"\0") + tail)


CONSTRUCTIONS: dict[str, Callable[[Received], None]] = {
    # Links.
    "tmp is a link": lambda r: r.link("tmp"),
    "drafts is a link": lambda r: r.link("drafts"),
    "versions is a link": lambda r: r.link("versions"),
    "jobs is a link": lambda r: r.link("jobs"),
    "models is a link": lambda r: r.link("models"),
    "thumbnails is a link": lambda r: r.link("thumbnails"),
    "catalogue is a link": lambda r: r.link("catalogue.sqlite", "thesis.doc"),
    "catalogue is a link to nothing": lambda r: r.link("catalogue.sqlite", "new.sqlite"),
    "write-ahead log is a link": lambda r: r.link("catalogue.sqlite-wal", "thesis.doc"),
    "lock is a link": lambda r: r.link("open.lock", "thesis.doc"),
    "folder of drafts is a link": lambda r: r.link("drafts/sub"),
    "folder of versions is a link": lambda r: labels_of(r, "final", ""),
    "version is a link": lambda r: r.link("versions/final/a.v1.png", "thesis.doc"),
    "model is a link": lambda r: r.link("models/segmentation"),
    "job is a link": lambda r: r.link(f"jobs/{JOB}"),
    "links to themselves": link_to_itself,
    "events are a link": job_link("events.jsonl", ".bashrc"),
    "log is a link": job_link("log.txt", ".bashrc"),
    "cancel is a link": job_link("cancel", "made"),
    "lock of a job is a link": job_link("worker.lock", "made"),
    "checkpoints are a link": job_link("checkpoints", ""),
    # What would run.
    "work": lambda r: r.job() and None,
    "work that says it is sealed": lambda r: (
        r.job(work_pkl=b"jlabel-sealed-1\n" + b"0" * 64 + b"\n" + pickle.dumps(Evil(r.sign))) and None
    ),
    "weights": lambda r: model(r, '{"time": "2026-01-01T00:00:00+00:00"}'),
    # Damaged jobs.
    "created beyond all times": lambda r: r.request(created=10**400),
    "created is no number": lambda r: r.request(created=float("nan")),
    "deep options": lambda r: r.job(request_json='{"options":' + "[" * 100_000) and None,
    "events are a folder": job_with("events.jsonl", Path.mkdir),
    "events are a pipe": job_with("events.jsonl", os.mkfifo),
    "events are a socket": job_with("events.jsonl", make_socket),
    "events are a device": job_with("events.jsonl", lambda place: place.symlink_to("/dev/zero")),
    "events of every type": lambda r: (
        r.job(
            events_jsonl="\n".join(
                json.dumps({"time": 1, **event})
                for event in (
                    {"state": []},
                    {"state": "done", "result": {"done": 1, "left_out": 3}},
                    {"metrics": {"epoch": 10**400}},
                    {"metrics": {"epoch": 1, "loss": "x" * 100}},
                    {"progress": float("nan")},
                    {"left": 10**400},
                    {"note": {}},
                    {"time": float("nan")},
                    {"time": 10**400, "state": "failed"},
                    {"state": "failed", "error": {"a": 1}},
                )
            )
            + "\n"
            + "[" * 100_000
            + "\n"
        )
        and None
    ),
    "request is a pipe": job_with("request.json", os.mkfifo),
    # Damaged drafts.
    "draft of no type": lambda r: r.draft(record({"region": None, "dtype": "nonsense"}, b"")),
    "draft of terabytes": lambda r: r.draft(record({"region": [0, 0, 10**7, 10**7], "dtype": "uint8"}, b"x")),
    "draft of deep JSON": lambda r: r.draft(framed(b"[" * 100_000)),
    "draft is a folder": in_place("drafts/.b.0123456789abcdef.draft", Path.mkdir),
    "draft is a pipe": in_place("drafts/.b.0123456789abcdef.draft", os.mkfifo),
    "draft is a socket": in_place("drafts/.b.0123456789abcdef.draft", make_socket),
    "draft of tiny records": lambda r: r.draft(record({"region": None, "dtype": "uint8"}, b"") * 20_000),
    # Damaged models.
    "model of no types": lambda r: model(r, '{"time": 3, "labels": "x", "network": 1, "images": [1], "score": "high"}'),
    "model of deep JSON": lambda r: model(r, "[" * 100_000),
    # A catalogue of somebody's own.
    "journal that names another file": lambda r: journal_that_names(r, ".bashrc"),
    "catalogue is a pipe": in_place("catalogue.sqlite", os.mkfifo),
    "catalogue is a folder": in_place("catalogue.sqlite", Path.mkdir),
    "image elsewhere": lambda r: r.sql("UPDATE image SET path = '../home/thesis.doc' WHERE id = 'b'"),
    "image with a name that leads elsewhere": lambda r: r.sql("UPDATE image SET id = '../../x' WHERE id = 'b'"),
    "tag that leads elsewhere": lambda r: r.sql("UPDATE label SET tag = '../../home', pending = 1"),
    "extension that leads elsewhere": pending_label_elsewhere,
    "rows of every type": lambda r: r.sql(
        "UPDATE image SET info = '[1, 2]' WHERE id = 'a'",
        "UPDATE image SET info = 'no json' WHERE id = 'b'",
        "UPDATE version SET time = 'soon', info = x'00ff', author = 3, sha256 = 1.5",
    ),
    "times beyond all times": lambda r: r.sql("UPDATE version SET time = 1e300"),
    "number of a version": lambda r: r.sql("UPDATE version SET number = 'one'", "UPDATE label SET number = 1e300"),
    "trigger": lambda r: r.sql(
        "CREATE TRIGGER t AFTER UPDATE ON label BEGIN DELETE FROM version; DELETE FROM image; END"
    ),
    "view in the place of a table": lambda r: r.sql("DROP TABLE folder", "CREATE VIEW folder AS SELECT 1"),
    "labels elsewhere": setting("labels_dir", "../home"),
    "images elsewhere": setting("images_dir", "../home"),
    "labels spelled elsewhere": setting("label_spellings", '{"final/a.png": "../../home/thesis.doc"}'),
    "notes of no type": setting("notes", "{"),
    "version of the schema": setting("schema_version", "newest"),
    "label set of no type": setting("label_set", '{"labels": [{"name": 3}, 4], "deleted": "x"}'),
    "label set of unseen names": setting(
        "label_set",
        '{"labels": [{"name": "a\\u202eb", "value": 1, "color": "x", "declared": ["organ"], "colored": 1}],'
        ' "deleted": []}',
    ),
    "automatic training of no type": setting("setting:automatic_training", '{"on": "x", "tried": [1], "trainer": 3}'),
}


@pytest.mark.parametrize("construction", CONSTRUCTIONS)
def test_the_folder_is_opened_labelled_and_listed_and_nothing_outside_changes(
    received: Received, construction: str
) -> None:
    CONSTRUCTIONS[construction](received)
    for _ in range(2):
        manager = AppManager(LabelApp(received.studies, labels=["organ"]), device="cpu")
        store = manager.datastore
        try:
            assert isinstance(store.status()["notes"], list)
            assert {"a", "b"} <= set(store.list_images())
            assert [image.image_id for image in store.browse().entries] == store.list_images()
            try_jobs(manager)
            try_models(received)
            find_drafts(store)
            label(store, "a")
            label(store, store.list_images()[-1])
        finally:
            manager.close()
            store.close()
    received.check_home()


def try_jobs(manager: AppManager) -> None:
    """Look at the jobs, and try to go on with each."""
    for job in manager.jobs():
        assert job.kind in repr(job)
        assert "text/html" in job._repr_mimebundle_()
        assert not job.can_resume
        with contextlib.suppress(JobError):
            job.cancel()
        with pytest.raises(JobError):
            manager.resume(job)
    assert all("jobs" in why or "job" in why for why in manager._all_jobs().left_out().values())


def try_models(received: Received) -> None:
    store = ModelStore(received.own / "models")
    weights = received.studies.parent / "weights"
    weights.write_bytes(b"weights")
    for name in ("segmentation", "other"):
        with contextlib.suppress(Exception):  # one that is a link is refused by name, which another test is about
            store.versions(name)
            store.publish(ModelVersion(name, 0), weights)
            store.in_use(name)


def find_drafts(store: LocalDatastore) -> None:
    store.workspace.drafted_images()
    for image_id in store.list_images():
        found = find_unsaved_drafts(store.workspace.draft_files(image_id), (4, 5))
        if found.claimed is not None:
            found.claimed.close()
        assert found.found is None or not found.found.mask.any()
        with contextlib.suppress(DatastoreError):
            store.workspace.draft_file(image_id, "0" * 16)


def label(store: LocalDatastore, image_id: str) -> None:
    """A label is saved, or refused by the name of what is in its way."""
    try:
        store.save_label(image_id, np.full((4, 5), 2, np.uint8))
    except DatastoreError as error:
        assert "is a link" in str(error)  # noqa: PT017 - a label may be saved, too
        return
    assert image_id in store.get_labeled_images()
    history = store.label_history(image_id)
    assert [version.number for version in history if version.current] == [history[-1].number]
    for version in history:
        with contextlib.suppress(DatastoreError):
            Path(store.get_version_uri(image_id, version.number)).read_bytes()
        assert version.time.year >= 1970
    store.get_label_info(image_id)
    store.get_image_info(image_id)


def test_a_link_in_the_own_folder_is_set_aside_and_named(received: Received) -> None:
    received.link("tmp")
    received.link("models")
    with contextlib.closing(LocalDatastore(received.studies)) as store:
        notes = " ".join(store.status()["notes"])
    assert f"tmp was a link to {received.home}" in notes
    assert "follows no link" in notes
    assert not (received.own / "tmp").is_symlink()
    assert len(list(received.own.glob("models.link-*"))) == 1


def test_a_link_that_is_put_there_later_is_refused_by_name(received: Received) -> None:
    with contextlib.closing(LocalDatastore(received.studies)) as store:
        for name in ("tmp", "versions", "drafts", "jobs", "models", "thumbnails"):
            received.link(name)
        for refused in (
            lambda: store.save_label("a", np.ones((4, 5), np.uint8)),
            lambda: store.workspace.draft_file("a", "0" * 16),
            lambda: store.workspace.jobs_folder(),
            lambda: store.workspace.models_folder(),
        ):
            with pytest.raises(DatastoreError, match=r"is a link, and jlabel follows none in its own folder.*remove"):
                refused()
        assert store.workspace.cache_folder("thumbnails") is None
        assert store.workspace.drafted_images() == set()
        assert len(store.list_images()) == 2


def test_bad_rows_are_taken_out_and_named_and_the_others_stay(received: Received) -> None:
    received.sql(
        "INSERT INTO image (id, path, folder, state, info) VALUES ('../x', 'x.png', '', 0, '{}'), "
        "('y', '/etc/passwd', '', 0, '{}'), ('.z', 'z.png', '', 0, '{}')"
    )
    with contextlib.closing(LocalDatastore(received.studies)) as store:
        assert store.list_images() == ["a", "b"]
        assert store.get_labeled_images() == ["a"]
        assert any("3 entries of the catalogue" in note and "'../x'" in note for note in store.status()["notes"])


def test_one_job_that_cannot_be_read_does_not_hide_the_others(received: Received, caplog) -> None:
    received.request(created=10**400)
    shutil.copytree(received.own / "jobs" / JOB, received.own / "jobs" / "20260101-000000-000000-0001")
    good = received.own / "jobs" / "20260101-000000-000000-0002"
    good.mkdir()
    (good / "request.json").write_text(
        json.dumps(
            {"id": good.name, "kind": "train", "name": "y", "device": "cpu", "created": 1, "nice": 1, "grace": 1}
        )
    )
    jobs = Jobs(received.own / "jobs")
    assert [job.name for job in jobs.list()] == ["y"]
    assert set(jobs.left_out()) == {JOB, "20260101-000000-000000-0001"}
    assert "created, nice and grace are numbers" in caplog.text
    for number in range(3, 30):
        shutil.copytree(received.own / "jobs" / JOB, received.own / "jobs" / f"20260101-000000-000000-{number:04}")
    caplog.clear()
    assert [job.name for job in jobs.list()] == ["y"]
    assert len(jobs.left_out()) == 29
    assert [record.getMessage() for record in caplog.records][5:] == ["22 more jobs are left out; left_out() has all"]
    jobs.remove(JOB)
    assert not (received.own / "jobs" / JOB).exists()


def test_an_image_is_not_added_among_the_labels(received: Received) -> None:
    shutil.copy(received.studies / "a.png", received.studies.parent / "c.png")
    with contextlib.closing(LocalDatastore(received.studies)) as store, pytest.raises(DatastoreError, match="labels"):
        store.add_image("labels/final/c", received.studies.parent / "c.png")


def test_a_label_that_is_a_link_is_kept_by_its_bytes(received: Received) -> None:
    """As tools that keep large files elsewhere leave them."""
    final = received.studies / "labels" / "final"
    (received.home.parent / "store").mkdir()
    target = received.home.parent / "store" / "content"
    (final / "a.png").rename(target)
    (final / "a.png").symlink_to(target)
    os.utime(target, (OLD, OLD))
    content = target.read_bytes()
    with contextlib.closing(LocalDatastore(received.studies)) as store:
        store.refresh()
        store.save_label("a", np.full((4, 5), 3, np.uint8))
        assert target.read_bytes() == content
        assert not (final / "a.png").is_symlink()
        kept = [Path(store.get_version_uri("a", version.number)) for version in store.label_history("a")]
        assert not any(file.is_symlink() for file in kept)
        assert content in [file.read_bytes() for file in kept]
