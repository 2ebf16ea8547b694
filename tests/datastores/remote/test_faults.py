"""A store that denies, connections that are cut, objects that are replaced, full disks, processes that are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import jlabel
from jlabel.datastores.remote import fetched_studies
from jlabel.errors import DatastoreError
from jlabel.imaging import read_image
from tests.imaging.samples import nifti

MB = 1024**2


@pytest.fixture
def large(tmp_path):
    """Makes the bytes of a NIfTI volume of some megabytes that holds one value, and does not compress."""

    def make(value: int, megabytes: int = 3) -> bytes:
        file = tmp_path / "made.nii"
        nifti(file, np.full((64, 64, 128 * megabytes), value, np.int16))
        return file.read_bytes()

    return make


@pytest.fixture
def looks_always(monkeypatch):
    """An image is looked at in the store whenever it is opened."""
    monkeypatch.setattr(fetched_studies, "_FRESH_SECONDS", 0.0)


def wait_for(what) -> None:
    end = time.monotonic() + 60
    while not what():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)


def test_a_bucket_that_denies_is_named_with_what_to_do(put, large, proxy, open_remote, tmp_path):
    put(**{"a.nii": large(1)})
    proxy.deny("GET")
    proxy.deny("HEAD")
    with pytest.raises(DatastoreError, match=r"s3://bucket-.*/scans cannot be listed: access is denied.*AWS_PROFILE"):
        open_remote()
    assert not list(tmp_path.rglob("*.sqlite"))
    proxy.heal()
    store = open_remote()
    proxy.deny("GET")
    with pytest.raises(DatastoreError, match=r"a\.nii cannot be read: access is denied"):
        store.get_image_uri("a")


def test_credentials_that_are_not_there_are_told(put, large, bucket, open_remote, monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(DatastoreError, match=r"no-such-profile.*Credentials come from"):
        open_remote()


@pytest.mark.parametrize("name", ["small.nii", "large.nii"])
def test_a_download_that_is_cut_is_gone_on_with(put, large, proxy, open_remote, name, monkeypatch):
    monkeypatch.setattr("jlabel.datastores.remote.download._PART", MB)
    put(**{name: large(7, 1 if name == "small.nii" else 3)})
    store = open_remote()
    proxy.cut_answer(name, after=400_000, times=2)
    image = read_image(store.get_image_uri(name.removesuffix(".nii")))
    assert np.all(image.array == 7)


def test_of_a_download_that_always_breaks_nothing_is_left(put, large, proxy, open_remote, tmp_path, monkeypatch):
    monkeypatch.setattr("jlabel.datastores.remote.store._ONCE_MORE", (0.0,))
    put(**{"a.nii": large(1), "b.nii": large(2)})
    store = open_remote()
    kept = store.get_image_uri("b")
    proxy.cut_answer("a.nii", after=500_000, times=10_000)
    with pytest.raises(DatastoreError, match=r"a\.nii cannot be read: .*try again"):
        store.get_image_uri("a")
    assert [file for file in (tmp_path / "here").rglob("images/**/*") if file.suffix == ".nii"] == [Path(kept)]
    assert not list((tmp_path / "here").rglob(".parts/*"))
    proxy.heal()
    assert np.all(read_image(store.get_image_uri("a")).array == 1)


def test_an_object_that_is_replaced_while_it_is_read_is_never_half_of_each(
    put, large, proxy, open_remote, looks_always, monkeypatch
):
    monkeypatch.setattr("jlabel.datastores.remote.download._PART", MB)
    monkeypatch.setattr("jlabel.datastores.remote.download._TRIED", 0)
    monkeypatch.setattr("jlabel.datastores.remote.download._LARGE", MB)
    put(**{"a.nii": large(1)})
    store = open_remote()
    replaced = large(2)
    proxy.when("GET", "a.nii", lambda: None)
    proxy.when("GET", "a.nii", lambda: put(**{"a.nii": replaced}))
    assert np.all(read_image(store.get_image_uri("a")).array == 2)


def test_without_the_store_what_is_here_is_read_and_no_save_is_half_done(
    put, large, proxy, open_remote, looks_always, label_file, keys, monkeypatch
):
    monkeypatch.setattr("jlabel.datastores.remote.store._ONCE_MORE", (0.0,))
    put(**{"a.nii": large(1), "b.nii": large(2)})
    store = open_remote(storage_options={"config_kwargs": {"retries": {"max_attempts": 1}}})
    read_image(store.get_image_uri("a"))
    proxy.stop()
    assert np.all(read_image(store.get_image_uri("a")).array == 1)
    assert any("are read from the cache" in note for note in store.notes())
    with pytest.raises(DatastoreError, match=r"b\.nii cannot be looked at: .*try again"):
        store.get_image_uri("b")
    with pytest.raises(DatastoreError, match=r"cannot be written: .*try again"):
        store.save_label("a", label_file("one"))
    with pytest.raises(DatastoreError, match="cannot be listed"):
        store.refresh()
    assert store.get_labeled_images() == []
    assert store.list_images() == ["a", "b"]
    proxy.heal()
    store.save_label("a", label_file("one"))
    store.refresh()
    assert np.all(read_image(store.get_image_uri("b")).array == 2)
    assert not any("are read from the cache" in note for note in store.notes())
    assert [version.number for version in store.label_history("a")] == [1]
    assert keys("labels/") == ["labels/final/a.nii.gz"]


@pytest.mark.parametrize("fault", ["cut_upload", "lose_answer"])
@pytest.mark.parametrize("path", ["a.v1.nii.gz", "labels/final/a.nii.gz"])
def test_an_upload_that_is_cut_is_done_again_and_is_one_version(
    put, large, proxy, open_remote, label_file, keys, get, fault, path
):
    put(**{"a.nii": large(1, 1)})
    store = open_remote()
    getattr(proxy, fault)(path)
    store.save_label("a", label_file("one"))
    assert [key for key in keys() if key.endswith(".nii.gz")] == [
        ".jlabel/versions/final/a.v1.nii.gz",
        "labels/final/a.nii.gz",
    ]
    assert get("labels/final/a.nii.gz") == b"one"
    assert [(version.number, version.current) for version in store.label_history("a")] == [(1, True)]


def test_the_cache_keeps_what_was_used_last(put, large, open_remote, monkeypatch):
    monkeypatch.setattr("jlabel.datastores.remote.image_cache._IN_USE_SECONDS", 0.0)
    put(**{f"{name}.nii": large(number, 1) for number, name in enumerate("abcd")})
    store = open_remote(cache_size=2 * MB + 4096)
    for name in "abac":
        assert read_image(store.get_image_uri(name)).shape == (64, 64, 128)
    assert [name for name in "abcd" if store.is_fetched(name)] == ["a", "c"]
    # What a training reads stays, and others make room for nothing of it.
    uris = store.image_uris(["a", "b"])
    store.get_image_uri("d")
    assert all(Path(uri).exists() for uri in uris.values())
    other = open_remote(cache_size=0)
    other.get_image_uri("d")
    assert all(Path(uri).exists() for uri in uris.values())
    store.close()
    other.get_image_uri("c")
    assert not any(Path(uri).exists() for uri in uris.values())


def test_an_image_in_use_is_not_removed(put, large, open_remote):
    put(**{f"{name}.nii": large(1, 1) for name in "abc"})
    store = open_remote(cache_size="1 MB")
    uris = [store.get_image_uri(name) for name in "abc"]
    assert all(Path(uri).exists() for uri in uris)


@pytest.fixture
def small_disk(tmp_path):
    """A disk of six megabytes, where this user may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    try:
        command = ["mount", "-t", "tmpfs", "-o", "size=6m", "none", str(place)]
        made = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        made = False
    if not made:
        pytest.skip("this user may not mount a disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_on_a_full_disk_the_cache_makes_room_and_then_says_so(put, large, bucket, small_disk, monkeypatch):
    monkeypatch.setattr("jlabel.datastores.remote.image_cache._IN_USE_SECONDS", 0.0)
    put(**{"a.nii": large(1, 3), "b.nii": large(2, 3), "c.nii": large(3, 8)})
    store = jlabel.RemoteDatastore(f"s3://{bucket}/scans", cache=small_disk)
    store.get_image_uri("a")
    assert np.all(read_image(store.get_image_uri("b")).array == 2)
    assert not store.is_fetched("a")
    with pytest.raises(DatastoreError, match=r"cache of images cannot be written: No space left.*cache="):
        store.get_image_uri("c")
    assert not list(small_disk.rglob(".parts/*"))
    assert np.all(read_image(store.get_image_uri("a")).array == 1)
    store.close()


WORKER = """
import sys
import jlabel
store = jlabel.RemoteDatastore(sys.argv[1], cache=sys.argv[2])
print("open", flush=True)
store.get_image_uri("a") if sys.argv[3] == "read" else store.save_label("a", sys.argv[4])
print("done", flush=True)
"""


@pytest.fixture
def killed(bucket, tmp_path, proxy):
    """Kills a process that works with the bucket once a request of its has begun."""

    def kill_at(method: str, path: str, *work: str) -> None:
        reached, killed = threading.Event(), threading.Event()

        def hold() -> None:
            reached.set()
            killed.wait(120)

        proxy.when(method, path, hold)
        command = [sys.executable, "-c", WORKER, f"s3://{bucket}/scans", str(tmp_path / "here"), *work]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        try:
            assert reached.wait(120)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed.set()
            proxy.heal()

    return kill_at


def test_a_process_that_is_killed_in_a_download_leaves_nothing(put, large, open_remote, killed, tmp_path):
    put(**{"a.nii": large(5)})
    killed("GET", "scans/a.nii", "read")
    assert list((tmp_path / "here").rglob(".parts/*"))
    store = open_remote()
    assert not list((tmp_path / "here").rglob(".parts/*"))
    assert not store.is_fetched("a")
    assert np.all(read_image(store.get_image_uri("a")).array == 5)


def test_a_process_that_is_killed_in_an_upload_leaves_a_whole_label_or_none(
    put, large, open_remote, killed, label_file, get, keys
):
    put(**{"a.nii": large(5, 1)})
    killed("PUT", "labels/final/a.nii.gz", "save", str(label_file("one")))
    # What was on its way may still arrive, as a whole.
    store = open_remote()
    store.refresh()
    assert not list((store.folder / ".jlabel" / "tmp").iterdir())
    store.save_label("a", label_file("two"))
    assert get("labels/final/a.nii.gz") == b"two"
    contents = [get(key) for key in keys(".jlabel/versions/")]
    assert contents in ([b"two"], [b"one", b"two"])
    assert [version.number for version in store.label_history("a")] == list(range(1, len(contents) + 1))
