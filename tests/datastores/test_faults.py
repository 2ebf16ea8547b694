"""Killed in the middle, full disks, folders that cannot be written, two processes at once."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jlabel.datastores import LocalDatastore, adding
from jlabel.datastores import scan as scan_module
from jlabel.datastores import studies as studies_module
from jlabel.errors import DatastoreError

# Saves labels of random size until it is killed or has saved enough; says each one's hash before and after.
SAVER = """
import hashlib, os, random, sys
from pathlib import Path
from jlabel.datastores import LocalDatastore
folder, scratch, author = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
count, seed = int(sys.argv[4]), int(sys.argv[5])
rng = random.Random(seed)
store = LocalDatastore(folder, author=author)
images = store.list_images()
print("ready", flush=True)
for number in range(count):
    content = rng.randbytes(rng.choice([10, 5_000, 300_000]))
    digest = hashlib.sha256(content).hexdigest()
    file = scratch / f"{author}.nii.gz"
    file.write_bytes(content)
    image_id = rng.choice(images)
    print("begin", image_id, digest, flush=True)
    store.save_label(image_id, file, info={"sha256": digest})
    print("saved", image_id, digest, flush=True)
print("done", flush=True)
"""


def saver(studies: Path, scratch: Path, author: str, count: int, seed: int) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", SAVER, str(studies), str(scratch), author, str(count), str(seed)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=environment)


def check_agreement(
    store: LocalDatastore, studies: Path, begun: dict[str, set[str]], saved: dict[str, list[str]]
) -> None:
    for image_id in store.list_images():
        history = store.label_history(image_id)
        hashes = {version.sha256 for version in history}
        assert set(saved.get(image_id, [])) <= hashes <= begun.get(image_id, set())
        for version in history:
            kept = studies / ".jlabel" / "versions" / "final" / f"{image_id}.v{version.number}.nii.gz"
            assert hashlib.sha256(kept.read_bytes()).hexdigest() == version.sha256
        if history:
            label = Path(store.get_label_uri(image_id)).read_bytes()
            (current,) = [version for version in history if version.current]
            assert current is history[-1]
            assert hashlib.sha256(label).hexdigest() == current.sha256 == store.get_label_info(image_id)["sha256"]
    assert {file.name for file in (studies / "labels").rglob("*") if file.is_file()} == {
        f"{image_id}.nii.gz" for image_id in store.get_labeled_images()
    }


def test_killed_at_random_moments_of_100_saves(studies, add, tmp_path):
    add(studies, "a.png", "b.png", "c.png")
    rng = random.Random(11)
    begun: dict[str, set[str]] = {}
    saved: dict[str, list[str]] = {}
    attempts = kills = 0
    while attempts < 100 or kills < 5:
        process = saver(studies, tmp_path, "saver", 1000, rng.randrange(10**6))
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        stop_after = rng.randrange(2, 40)
        for line in process.stdout:
            if not line.endswith("\n"):
                break  # the kill came in the middle of it
            word, image_id, digest = line.split()
            if word == "begin":
                attempts += 1
                begun.setdefault(image_id, set()).add(digest)
                stop_after -= 1
                if stop_after == 0:
                    time.sleep(rng.random() * 0.02)
                    process.send_signal(signal.SIGKILL)
            else:
                saved.setdefault(image_id, []).append(digest)
        process.wait()
        process.stdout.close()
        kills += 1
        store = LocalDatastore(studies)
        check_agreement(store, studies, begun, saved)
        store.close()


def test_two_processes_save_the_same_images(studies, add, tmp_path):
    add(studies, "a.png", "b.png")
    processes = [saver(studies, tmp_path, author, 25, seed) for author, seed in (("ada", 1), ("grace", 2))]
    saved: dict[str, list[str]] = {}
    for process in processes:
        output, _ = process.communicate(timeout=60)
        assert output.endswith("done\n")
        for line in output.splitlines():
            if line.startswith("saved"):
                _, image_id, digest = line.split()
                saved.setdefault(image_id, []).append(digest)
    store = LocalDatastore(studies)
    check_agreement(store, studies, {key: set(value) for key, value in saved.items()}, saved)
    history = store.label_history("a") + store.label_history("b")
    assert sorted(version.author or "" for version in history) == ["ada"] * 25 + ["grace"] * 25
    store.close()


def while_it_looks(monkeypatch, happens):
    """Something that another process does while the folder is looked through."""
    once = iter([happens])

    def scan_tree(top, known, **options):
        scan = scan_module.scan_tree(top, known, **options)
        next(once, lambda: None)()
        return scan

    monkeypatch.setattr(studies_module, "scan_tree", scan_tree)


def test_saved_by_another_process_while_the_folder_is_opened_for_the_first_time(studies, add, label_file, monkeypatch):
    add(studies, "a.png")

    def another() -> None:
        with contextlib.closing(LocalDatastore(studies, author="grace")) as other:
            other.save_label("a", label_file("label.nii.gz"))

    while_it_looks(monkeypatch, another)
    with contextlib.closing(LocalDatastore(studies)) as store:
        (version,) = store.label_history("a")
        assert version.author == "grace"
        assert version.current


def test_added_by_another_process_while_the_folder_is_looked_through(studies, open_store, add, tmp_path, monkeypatch):
    add(studies, "a.png")
    add(tmp_path, "b.png")
    store, other = open_store(), LocalDatastore(studies)
    add(studies, "c.png")
    while_it_looks(monkeypatch, lambda: other.add_image(None, tmp_path / "b.png"))
    store.refresh()
    assert store.list_images() == ["a", "b", "c"]
    other.close()


def test_two_processes_add_one_id(studies, open_store, add, tmp_path, monkeypatch):
    add(tmp_path, "one.png", "two.jpg")
    store, other = open_store(), LocalDatastore(studies)
    copy = adding._copy

    def copy_slowly(*arguments):
        copy(*arguments)
        monkeypatch.setattr(adding, "_copy", copy)
        other.add_image("case", tmp_path / "two.jpg")

    monkeypatch.setattr(adding, "_copy", copy_slowly)
    with pytest.raises(DatastoreError, match="'case' is already the id of an image"):
        store.add_image("case", tmp_path / "one.png")
    store.refresh()
    assert store.list_images() == ["case"]
    assert not (studies / "case.png").exists()
    other.close()


FULL_DISK = """
import resource, sys
from jlabel.datastores import LocalDatastore
from jlabel.errors import DatastoreError
store = LocalDatastore(sys.argv[1])
store.save_label("a", sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), resource.RLIM_INFINITY))
try:
    store.save_label("a", sys.argv[3])
except DatastoreError as error:
    print(error)
else:
    sys.exit("the save did not fail")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert len(store.label_history("a")) == 1
store.save_label("b", sys.argv[3])
"""


@pytest.mark.parametrize("limit", [20_000, 1])
def test_no_room_for_the_label_or_for_the_row(studies, open_store, add, tmp_path, limit):
    add(studies, "a.png", "b.png")
    small, large = tmp_path / "small.nii.gz", tmp_path / "large.nii.gz"
    small.write_bytes(b"small")
    large.write_bytes(b"x" * 50_000)
    arguments = [sys.executable, "-c", FULL_DISK, str(studies), str(small), str(large), str(limit)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    result = subprocess.run(arguments, capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    assert str(studies / "labels" / "final" / "a.nii.gz") in result.stdout
    assert "File too large" in result.stdout
    store = open_store()
    assert Path(store.get_label_uri("a")).read_text() == "small"
    assert store.get_labeled_images() == ["a", "b"]
    assert not list((studies / ".jlabel" / "tmp").iterdir())


STEPS = ["open", "link", "replace"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("earlier", [False, True])
def test_refusal_at_any_step_changes_nothing(studies, open_store, add, label_file, monkeypatch, step, earlier):
    add(studies, "a.png")
    store = open_store()
    if earlier:
        store.save_label("a", label_file("before"))
    before = {file: file.read_bytes() for file in (studies / "labels").rglob("*") if file.is_file()}
    label = label_file("after")

    def refuse(name, *arguments, **options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(name))

    opened = os.open
    with monkeypatch.context() as patch:
        if step == "open":
            patch.setattr(os, "open", lambda s, f, *a, **k: refuse(s) if f & os.O_EXCL else opened(s, f, *a, **k))
        elif step == "link":
            patch.setattr(os, "link", refuse)
            patch.setattr("jlabel.datastores.disk.temporary_name", lambda: refuse("copy"))
        else:
            patch.setattr(os, "replace", refuse)
        with pytest.raises(DatastoreError, match="No space left on device"):
            store.save_label("a", label)
    assert {file: file.read_bytes() for file in (studies / "labels").rglob("*") if file.is_file()} == before
    assert len(store.label_history("a")) == len(before)
    assert store.get_labeled_images() == (["a"] if earlier else [])
    assert not list((studies / ".jlabel" / "tmp").iterdir())
    store.save_label("a", label)
    assert Path(store.get_label_uri("a")).read_text() == "after"
    assert [version.number for version in store.label_history("a")] == list(range(1, len(before) + 2))


def test_decided_save_is_finished_by_whoever_comes_next(studies, open_store, add, label_file, monkeypatch):
    add(studies, "a.png", "b.png")
    store, other = open_store(), open_store()
    store.save_label("a", label_file("before"))
    with monkeypatch.context() as patch:
        patch.setattr("jlabel.datastores.versioned_labels.LabelFiles._show", lambda *_: None)
        store.save_label("a", label_file("decided"))
        store.save_label("b", label_file("also"))
    assert (studies / "labels/final/a.nii.gz").read_text() == "before"
    assert Path(other.get_label_uri("a")).read_text() == "decided"
    assert [Path(pair["label"]).read_text() for pair in open_store().datalist()] == ["decided", "also"]


def test_file_system_without_links(studies, open_store, add, label_file, monkeypatch):
    def refuse(*arguments, **options):
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)
    add(studies, "a.png")
    store = open_store()
    for text in ("one", "two"):
        store.save_label("a", label_file(text))
    store.restore_label("a", 1)
    assert Path(store.get_label_uri("a")).read_text() == "one"
    assert [version.number for version in store.label_history("a")] == [1, 2, 3]


def test_a_folder_that_cannot_be_written_is_open_to_read(studies, add, label_file, monkeypatch):
    add(studies, "a.png", "b.png")
    (studies / "labels" / "final").mkdir(parents=True)
    (studies / "labels" / "final" / "b.png").write_bytes(b"a label")

    def refuse(name, *arguments, **options):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(name))

    monkeypatch.setattr(os, "mkdir", refuse)
    before = sorted(studies.rglob("*"))
    with contextlib.closing(LocalDatastore(studies)) as store:
        assert store.list_images() == ["a", "b"]
        assert store.get_labeled_images() == ["b"]
        assert Path(store.get_label_uri("b")).read_bytes() == b"a label"
        assert any("open to read" in note and "Permission denied" in note for note in store.status()["notes"])
        for change in (
            lambda: store.save_label("a", label_file("x")),
            lambda: store.remove_label("b", "final"),
            lambda: store.update_image_info("a", {"x": 1}),
            lambda: store.change_setting("label_set", lambda _: {}),
        ):
            with pytest.raises(DatastoreError, match=r"open to read, nothing can be written.*Permission denied"):
                change()
    assert sorted(studies.rglob("*")) == before


def fill(folder: Path) -> None:
    """Leave no room on a small disk."""
    with contextlib.suppress(OSError), (folder / "ballast").open("wb") as file:
        while True:
            file.write(bytes(4096))
            file.flush()


@pytest.fixture
def small_disk(tmp_path):
    """A disk of two megabytes, where this user may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(place)]
    try:
        made = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        made = False
    if not made:
        pytest.skip("this user may not mount a disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.parametrize("opened_before", [False, True])
def test_a_folder_without_any_room_is_open_to_read_and_to_save_once_there_is_some(
    small_disk, add, label_file, opened_before
):
    add(small_disk, "a.png", "b.png")
    if opened_before:
        with contextlib.closing(LocalDatastore(small_disk, author="ada")) as store:
            store.save_label("a", label_file("kept"), info={"comment": "good"})
    fill(small_disk)
    with contextlib.closing(LocalDatastore(small_disk)) as store:
        assert store.list_images() == ["a", "b"]
        if opened_before:
            assert Path(store.get_label_uri("a")).read_text() == "kept"
            assert store.get_label_info("a") == {"comment": "good"}
        with pytest.raises(DatastoreError, match=r"No space left|disk is full|open to read|disk I/O"):
            store.save_label("b", label_file("more" * 10_000))
    (small_disk / "ballast").unlink()
    with contextlib.closing(LocalDatastore(small_disk)) as store:
        store.save_label("b", label_file("more"))
        assert store.get_labeled_images() == (["a", "b"] if opened_before else ["b"])
