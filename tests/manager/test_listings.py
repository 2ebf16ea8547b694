"""What a manager shows in a notebook: its images, labels, jobs, versions and itself, as tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from jlabel import AppManager, LabelApp
from jlabel.display import table
from jlabel.display.table import Table
from jlabel.errors import DatastoreError
from jlabel.manager.listings import model_list
from jlabel.registry import ModelVersion

SHAPE = (6, 5, 4)
EVIL = "<b>liver"


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    folder = tmp_path / "studies"
    folder.mkdir()
    for name in ("a", "b", "c"):
        nib.save(nib.Nifti1Image(np.full(SHAPE, 90, np.int16), np.diag([2.0, 2.0, 5.0, 1.0])), folder / f"{name}.nii")
    return folder


@pytest.fixture
def manager(studies: Path):
    manager = AppManager(LabelApp(studies, labels=[EVIL, "spleen"], name="<i>App"), device="cpu")
    mask = np.zeros(SHAPE, np.uint8)
    mask[:2, :, 0] = 1
    mask[3, 3, 3] = 2
    manager.save_label("a", mask)
    manager.save_label("b", np.zeros(SHAPE, np.uint8), tag="original")
    yield manager
    manager.close()


def rows(found: Any) -> list[dict[str, Any]]:
    return found if isinstance(found, Table) else found.to_dict("records")


@pytest.fixture(params=["pandas", "no pandas"])
def with_or_without_pandas(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "pandas":
        pytest.importorskip("pandas")
    else:
        monkeypatch.setattr(table, "find_spec", lambda name: None)


@pytest.mark.usefixtures("with_or_without_pandas")
def test_images_have_a_row_each(manager: AppManager) -> None:
    found = rows(manager.images())
    assert [(row["image"], row["state"], bool(row["draft"])) for row in found] == [
        ("a", "final", False),
        ("b", "model", False),
        ("c", "unlabelled", False),
    ]
    assert set(found[0]["labels"]) == {EVIL, "spleen"}
    assert found[0]["time"].tzinfo is not None
    assert [row["image"] for row in rows(manager.images(state="unlabelled"))] == ["c"]
    assert [row["image"] for row in rows(manager.images("B"))] == ["b"]


def test_a_state_that_there_is_not_is_refused(manager: AppManager) -> None:
    with pytest.raises(DatastoreError, match="no state 'finished'"):
        manager.images(state="finished")


def test_more_images_than_a_page_are_all_listed(manager: AppManager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jlabel.manager.listings._PAGE", 2)
    assert [row["image"] for row in rows(manager.images())] == ["a", "b", "c"]


@pytest.mark.usefixtures("with_or_without_pandas")
def test_labels_have_a_row_for_each_image_and_tag(manager: AppManager) -> None:
    manager.save_label("a", np.zeros(SHAPE, np.uint8), tag="original")
    found = rows(manager.labels_table())
    assert [(row["image"], row["tag"], row["version"]) for row in found] == [
        ("a", "final", 1),
        ("a", "original", 1),
        ("b", "original", 1),
    ]
    assert [row["image"] for row in rows(manager.labels_table("final"))] == ["a"]


@pytest.mark.usefixtures("with_or_without_pandas")
def test_measured_labels_have_a_row_for_each_structure(manager: AppManager) -> None:
    found = rows(manager.labels_table("final", measure=True))
    assert [(row["label"], row["value"], row["voxels"], round(row["ml"], 3)) for row in found] == [
        (EVIL, 1, 10, 0.2),
        ("spleen", 2, 1, 0.02),
    ]


def test_a_label_that_is_empty_or_cannot_be_read_says_so_and_stops_nothing(manager: AppManager) -> None:
    Path(manager.datastore.get_label_uri("a")).write_bytes(b"no label")
    found = rows(manager.labels_table(measure=True))
    assert [row["image"] for row in found] == ["a", "b"]
    assert str(found[0]["problem"])
    assert found[1]["problem"] == "it holds no structure"


def test_an_app_and_its_manager_are_one_line_and_a_table(manager: AppManager) -> None:
    for one in (manager, manager.app):
        assert "\n" not in repr(one)
        page = one._repr_html_()
        assert "&lt;i&gt;App" in page
        assert "&lt;b&gt;liver: 1" in page
        assert "<b>" not in page
    assert repr(manager) == "AppManager: <i>App (1 of 3 labelled)"


def test_a_datastore_and_a_history_are_tables(manager: AppManager) -> None:
    page = manager.datastore._repr_html_()
    assert "labelled" in page
    assert str(manager.datastore.status()["folder"]) in page
    history = manager.datastore.label_history("a")
    assert [version.number for version in history] == [1]
    assert "&lt;b&gt;liver" in history._repr_html_()
    assert manager.datastore.label_history("c") == []


def test_jobs_are_a_list_and_a_table(manager: AppManager) -> None:
    jobs = manager.jobs()
    assert jobs == []
    assert "progress" in jobs._repr_html_()


def test_versions_are_a_list_and_a_table() -> None:
    versions = [ModelVersion("segmentation", 1, True, "dice", 0.91234, note=EVIL), ModelVersion("segmentation", 2)]
    found = model_list(versions, "segmentation")
    assert found == versions
    page = found._repr_html_()
    assert "dice 0.9123" in page
    assert "&lt;b&gt;liver" in page
