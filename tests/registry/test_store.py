"""Versions of models: kept whole, never written over, one in use."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jlabel.errors import DatastoreError, TaskError
from jlabel.registry import ModelStore, ModelVersion


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    file = tmp_path / "weights"
    file.write_bytes(b"weights" * 1000)
    return file


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


def test_what_is_published_is_kept_with_its_row(store: ModelStore, weights: Path) -> None:
    row = ModelVersion("liver", 0, metric="dice", score=0.5, images={"a": 3}, labels={"liver": 1}, config={"seed": 0})
    first = store.publish(row, weights)
    assert first.file.read_bytes() == weights.read_bytes()
    assert store.in_use("liver") is None
    store.publish(row, weights)
    assert store.use("liver", 1).in_use
    assert [(v.number, v.in_use) for v in store.versions("liver")] == [(1, True), (2, False)]
    found = store.in_use("liver")
    assert found is not None
    assert (found.score, found.images, found.labels, found.time) == (0.5, {"a": 3}, {"liver": 1}, row.time)
    assert store.versions("spleen") == []


def test_versions_published_at_once_get_numbers_of_their_own(store: ModelStore, weights: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(lambda _: store.publish(ModelVersion("liver", 0), weights).number, range(8)))
    assert sorted(numbers) == list(range(1, 9))


def test_a_full_disk_leaves_nothing_behind(store: ModelStore, weights: Path) -> None:
    store.publish(ModelVersion("liver", 0), weights)
    pid = os.fork()
    if pid == 0:
        import resource
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
        try:
            store.publish(ModelVersion("liver", 0), weights)
        except DatastoreError:
            os._exit(3)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
    assert [entry.name for entry in (store.folder / "liver").iterdir()] == ["1"]


def test_what_is_not_there_cannot_be_used(store: ModelStore, weights: Path) -> None:
    store.publish(ModelVersion("liver", 0), weights)
    with pytest.raises(TaskError, match="model 'liver' has no version 7; there are: 1"):
        store.use("liver", 7)
    (store.folder / "liver" / "1" / "weights.safetensors").unlink()
    with pytest.raises(TaskError, match="weights of this version are gone"):
        store.use("liver", 1)
    for name in ("../liver", "", ".hidden", "a/b"):
        with pytest.raises(TaskError, match="cannot be the name of a model"):
            store.versions(name)


NOW = '"time": "2026-01-01T00:00:00+00:00"'


@pytest.mark.parametrize(
    "field",
    [
        '"score": "high"',
        '"score": NaN',
        f'"score": 1{"0" * 400}',
        '"metrics": [1]',
        '"metrics": {"dice": "x"}',
        '"parent": "1"',
        '"parent": -1',
        '"images": ["a"]',
        '"images": {"a": "x"}',
        '"labels": 3',
        '"labels": {"liver": true}',
        '"network": "unet"',
        '"config": null',
        '"note": {}',
        '"metric": 3',
        '"time": 3',
        '"time": "soon"',
        '"network": ' + "[" * 100_000,
    ],
)
def test_a_row_with_a_value_of_another_type_is_left_out_and_named(store, weights, field: str) -> None:
    for _ in range(2):
        store.publish(ModelVersion("liver", 0), weights)
    store.use("liver", 1)
    (store.folder / "liver" / "1" / "model.json").write_text(f"{{{NOW}, {field}}}")
    assert [version.number for version in store.versions("liver")] == [2]
    with pytest.raises(TaskError, match=r"model\.json: this version of 'liver' cannot be read"):
        store.in_use("liver")


def test_no_link_is_followed(store: ModelStore, weights: Path, tmp_path: Path) -> None:
    for _ in range(4):
        store.publish(ModelVersion("liver", 0), weights)
    liver = store.folder / "liver"
    (liver / "1").rename(tmp_path / "elsewhere")
    (liver / "1").symlink_to(tmp_path / "elsewhere")
    for number, name in ((2, "model.json"), (3, "weights.safetensors")):
        (liver / str(number) / name).rename(tmp_path / name)
        (liver / str(number) / name).symlink_to(tmp_path / name)
    (liver / "in_use").symlink_to(tmp_path / "number")
    (tmp_path / "number").write_text("4")
    assert [version.number for version in store.versions("liver")] == [4]
    assert store.in_use("liver") is None
    store.use("liver", 4)
    assert (tmp_path / "number").read_text() == "4"
    (store.folder / "spleen").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TaskError, match="spleen is a link"):
        store.publish(ModelVersion("spleen", 0), weights)
    assert len(list((tmp_path / "elsewhere").iterdir())) == 2


def test_odd_names_are_no_versions_and_an_old_half_is_removed(store: ModelStore, weights: Path) -> None:
    store.publish(ModelVersion("liver", 0), weights)
    liver = store.folder / "liver"
    for name in ("9" * 200, "0", "٣", "1a", ".new-0123456789abcdef", ".new-fedcba9876543210"):
        (liver / name).mkdir()
    os.utime(liver / ".new-0123456789abcdef", (0, 0))
    assert store.publish(ModelVersion("liver", 0), weights).number == 2
    assert not (liver / ".new-0123456789abcdef").exists()
    assert (liver / ".new-fedcba9876543210").exists(), "somebody may be publishing it"


@pytest.mark.parametrize("row", ["", "[]", "{}", '{"time": 3}', '{"time": "2026-01-01T00:00:00+00:00", "score": 1'])
def test_a_damaged_row_is_left_out_of_the_list_and_named_where_it_is_needed(store, weights, row: str) -> None:
    for _ in range(2):
        store.publish(ModelVersion("liver", 0), weights)
    store.use("liver", 1)
    (store.folder / "liver" / "1" / "model.json").write_text(row)
    assert [version.number for version in store.versions("liver")] == [2]
    with pytest.raises(TaskError, match=r"model\.json: this version of 'liver' cannot be read"):
        store.in_use("liver")
