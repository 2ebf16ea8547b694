"""Where jobs run: names of devices, their locks, and jobs that want the same ones."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from jlabel.errors import JobError
from jlabel.jobs import Jobs, devices, worker
from jlabel.jobs.devices import device_names, first_device, resolve_devices, threads_for
from jlabel.jobs.events import append_event
from jlabel.jobs.folder import JobFolder, JobRequest
from tests.jobs import works

GPUS = ["cuda:0", "cuda:1"]


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "may_have_gpu", lambda: True)
    monkeypatch.setattr(devices, "_gpus", lambda: 2)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("auto", ("cuda:0",)),
        ("cpu", ("cpu",)),
        ("cuda", ("cuda:0", "cuda:1")),
        ("cuda:1", ("cuda:1",)),
        (["cuda:1", "cuda:0"], ("cuda:1", "cuda:0")),
        ("cuda:0, cuda:1", ("cuda:0", "cuda:1")),
        (["cpu", "cpu"], ("cpu", "cpu")),
    ],
)
def test_devices_are_found_by_their_names(asked, found, two_gpus) -> None:
    assert resolve_devices(device_names(asked)) == found


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("gpu", "unknown device 'gpu'"),
        ([], "unknown device"),
        (["cuda:0", 1], "unknown device '1'"),
        (["cpu", "cuda:0"], "cpu, cuda:0 do not go together"),
        (["cuda", "cuda:1"], "name GPUs with their numbers"),
        (["auto", "auto"], "do not go together"),
        (["cuda:0", "cuda:0"], "'cuda:0' is named twice"),
        ("cuda:2", "this machine has 2 GPUs"),
        (["cuda:1", "cuda:2"], "'cuda:1,cuda:2' was asked for, and this machine has 2 GPUs"),
    ],
)
def test_devices_that_mean_nothing_are_refused(asked, words, two_gpus) -> None:
    with pytest.raises(JobError, match=words):
        resolve_devices(device_names(asked))


def test_without_a_gpu_auto_is_the_cpu_and_torch_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_DRIVERS", ())
    monkeypatch.setattr(devices, "_gpus", lambda: pytest.fail("there is no driver to ask"))
    assert resolve_devices("auto") == ("cpu",)
    assert resolve_devices("cpu,cpu") == ("cpu", "cpu")
    for asked in ("cuda", GPUS):
        with pytest.raises(JobError, match="this machine has 0 GPUs; use device='auto'"):
            device_names(asked)


def test_work_for_one_device_refuses_several(two_gpus) -> None:
    assert [first_device(name) for name in ("auto", "cuda", "cuda:1")] == ["auto", "cuda:0", "cuda:1"]
    with pytest.raises(JobError, match="done on one device, not on cuda:0,cuda:1"):
        first_device(GPUS)


def test_processes_share_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jlabel.jobs.devices.available_cores", lambda: 9)
    assert [threads_for(("cpu",) * count) for count in (1, 2, 3, 20)] == [8, 4, 2, 1]
    assert threads_for(GPUS) == 4
    assert [threads_for(("cpu",) * count, threads=9) for count in (1, 2, 20)] == [9, 4, 1]


@pytest.mark.parametrize("threads", [0, -1, True, 1.5, "2", 10_000])
def test_a_number_of_threads_is_one(jobs: Jobs, threads: object) -> None:
    with pytest.raises(JobError, match="1 to 4096, not"):
        jobs.start("look", "around", works.environment, device="cpu", threads=threads)
    assert jobs.list() == []


def test_jobs_that_want_the_same_devices_never_wait_for_each_other(jobs: Jobs) -> None:
    wanted = {"a": ("cuda:0", "cuda:1"), "b": ("cuda:1", "cuda:0"), "c": ("cuda:1", "cuda:2")}
    busy = {name: threading.Lock() for names in wanted.values() for name in names}
    turns: list[str] = []

    def work(name: str) -> None:
        for turn in range(3):
            folder = JobFolder(jobs.folder.parent / f"queue-{name}-{turn}" / "job")
            folder.path.mkdir(parents=True)
            folder.request.touch()
            held = worker._wait_for_turn(folder, wanted[name])
            for device in wanted[name]:
                assert busy[device].acquire(blocking=False)
            turns.append(name)
            for device in wanted[name]:
                busy[device].release()
            for descriptor in held:
                os.close(descriptor)

    threads = [threading.Thread(target=work, args=(name,), daemon=True) for name in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(turns) == ["a"] * 3 + ["b"] * 3 + ["c"] * 3


def test_who_wants_one_of_several_devices_waits_behind_who_wants_them_all(jobs: Jobs, tmp_path: Path) -> None:
    from jlabel.jobs.locks import take_lock
    from jlabel.jobs.turns import is_first

    folders = []
    for number, device in enumerate(["cuda:0,cuda:1", "cuda:1", "cuda:2"]):
        folder = JobFolder(tmp_path / f"20260101-00000{number}-000000-abcd")
        folder.path.mkdir()
        request = JobRequest(folder.path.name, "train", "x", device)
        folder.request.write_text(request.to_json())
        append_event(folder.events, {"state": "queued"})
        append_event(folder.events, {"device": device})
        folders.append((folder, device.split(","), take_lock(folder.lock)))
        time.sleep(0.002)
    assert [is_first(folder, names) for folder, names, _ in folders] == [True, False, True]
    for _, _, descriptor in folders:
        os.close(descriptor)


def test_a_job_that_goes_on_elsewhere_remembers_where(jobs: Jobs) -> None:
    job = jobs.start("fail", "x", works.fail, device="cpu")
    assert job.wait(60)
    jobs.resume(job, device=["cpu", "cpu"])
    assert job.wait(60)
    assert job.device == job.request.device == "cpu,cpu"
    assert Jobs(jobs.folder).get(job.id).request.device == "cpu,cpu"
    with pytest.raises(JobError, match="unknown device"):
        jobs.resume(job, device="moon")
