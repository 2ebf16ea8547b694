"""Saving shows how far it is and can be given up until the label is decided; then everything is as it was before."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from jlabel.annotation import snapshot as copying
from jlabel.app import LabelApp
from jlabel.errors import Cancelled, ImageError
from jlabel.imaging import label_files as labels
from jlabel.labeler.background import tasks as doing_module
from jlabel.progress import Progress
from jlabel.widget import AppManager, Labeler
from tests.widget.labeler_pages import Page, labeler, manager, page, studies  # noqa: F401 - fixtures

SHAPE = (12, 10, 8)
KEPT = "Saving was cancelled; your draft is kept"


@pytest.fixture(autouse=True)
def in_small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "_SLAB_VOXELS", 12 * 10 * 2)
    monkeypatch.setattr(labels, "_SLAB_BYTES", 12 * 10 * 2)
    monkeypatch.setattr(doing_module, "_SECONDS_BETWEEN_REPORTS", 0)


class Asked:
    """Does something when a save asks for that time whether to go on; ``times`` counts how often it does."""

    def __init__(self, labeler: Labeler, monkeypatch: pytest.MonkeyPatch, number: int = 0, act: Any = None) -> None:
        self.times = 0
        real = labeler._controller.manager.save_label

        def save_label(image_id: str, mask: Any, tag: str, info: Any, progress: Progress, **more: Any) -> str:
            def check() -> None:
                self.times += 1
                if self.times == number:
                    act()
                progress.check()

            return real(image_id, mask, tag, info, Progress(progress.report, check), **more)

        monkeypatch.setattr(labeler._controller.manager, "save_label", save_label)


def files(studies: Path) -> dict[Path, bytes]:
    folders = (studies / "labels", studies / ".jlabel" / "versions", studies / ".jlabel" / "tmp")
    return {file: file.read_bytes() for top in folders for file in top.rglob("*") if file.is_file()}


def everything(labeler: Labeler, studies: Path) -> Any:
    store, draft = labeler._controller.manager.datastore, labeler._controller.open_image.draft
    catalogue = store.label_history("case_0"), store.status()
    return (
        files(studies),
        catalogue,
        labeler.mask.tobytes(),
        draft.history.position,
        labeler._controller.open_image.version,
    )


@pytest.mark.parametrize("earlier", [False, True])
@pytest.mark.parametrize("number", [1, 3, 5, 6])
def test_cancelled_at_any_stage_everything_is_as_it_was(page, labeler, studies, monkeypatch, number, earlier):
    page.stroke((1, 1, 1), (5, 5, 5), 1)
    if earlier:
        labeler.save()
        page.stroke((2, 2, 2), (9, 9, 7), 1, seq=2)
    before = everything(labeler, studies)
    asked = Asked(labeler, monkeypatch, number, lambda: page.ask("cancel"))
    page.ask("save", epoch=1)
    page.wait(lambda: page.state()["notice"] == KEPT and page.state()["busy"] is None)
    assert asked.times == number
    assert everything(labeler, studies) == before
    assert page.state()["dirty"]
    assert page.told("error") == []
    killed = AppManager(LabelApp(studies, labels=["a"])).labeler("case_1")
    labeler._controller.features.navigation.journal_worker.flush()
    labeler.close()
    killed.open("case_0")
    assert killed.mask.tobytes() == before[2]
    assert killed.dirty
    killed.close()


def test_it_is_asked_before_the_first_byte_between_slabs_and_before_the_commit(page, labeler, monkeypatch):
    page.stroke((1, 1, 1), (5, 5, 5), 1)
    asked = Asked(labeler, monkeypatch)
    labeler.save()
    assert asked.times == 4 + 2


def test_cancelled_while_the_draft_is_copied(page, labeler, studies, monkeypatch):
    page.stroke((1, 1, 1), (5, 5, 5), 1)
    before = everything(labeler, studies)
    advance = copying.Copy.advance

    def cancelled(copy: copying.Copy) -> None:
        advance(copy)
        page.ask("cancel")

    with monkeypatch.context() as patch:
        patch.setattr(copying.Copy, "advance", cancelled)
        page.ask("save", epoch=1)
        page.wait(lambda: page.state()["notice"] == KEPT and page.state()["busy"] is None)
    assert everything(labeler, studies) == before
    assert labeler.save() == "case_0"


def test_python_hears_that_the_save_was_cancelled(page, labeler, monkeypatch):
    page.stroke((1, 1, 1), (5, 5, 5), 1)
    Asked(labeler, monkeypatch, 2, lambda: page.ask("cancel"))
    with pytest.raises(Cancelled, match=f"^{KEPT}$"):
        labeler.save()
    assert labeler.dirty
    assert page.state()["busy"] is None


def test_progress_is_told_until_the_label_is_decided(page, labeler):
    page.stroke((1, 1, 1), (5, 5, 5), 1)
    labeler.save()
    told = [(message["text"], message["fraction"]) for message in page.told("progress")]
    assert {text for text, _ in told} == {"Saving"}
    assert told == sorted(told)
    assert (told[0][1], told[-1][1]) == (0, 1)
    saving = [state["canCancel"] for state in page.states() if state["busy"] == "Saving"]
    assert saving[0]
    assert not saving[-1]


def test_once_nothing_is_being_saved_the_draft_is_known_to_be_saved(page, labeler):
    page.stroke((1, 1, 1), (5, 5, 5), 1)
    before = len(page.states())
    labeler.save()
    states = [(state["saving"], state["dirty"]) for state in page.states()[before:]]
    assert states[0] == (True, True)
    assert states[-1] == (False, False)
    assert (False, True) not in states


def test_a_label_that_is_decided_is_saved_whoever_cancels_then(page, labeler, monkeypatch):
    page.stroke((1, 1, 1), (5, 5, 5), 1)
    too_late = labeler._controller.tasks.too_late

    def cancelled(doing: Any) -> None:
        too_late(doing)
        page.ask("cancel")

    monkeypatch.setattr(labeler._controller.tasks, "too_late", cancelled)
    page.ask("save", epoch=1)
    page.wait(lambda: page.state()["notice"] == "Saved as final")
    assert not page.state()["dirty"]


def test_what_is_painted_while_it_saves_is_not_saved_and_not_lost(page, labeler, monkeypatch):
    page.stroke((1, 1, 1), (5, 5, 5), 1)
    saved = labeler.mask
    Asked(labeler, monkeypatch, 3, lambda: page.stroke((5, 5, 5), (9, 9, 7), 1, seq=2))
    labeler.save()
    np.testing.assert_array_equal(labeler._controller.manager.label("case_0"), saved)
    assert labeler.dirty
    assert labeler.mask.sum() == saved.sum() + 4 * 4 * 2
    labeler.undo()
    assert not labeler.dirty


def test_what_is_painted_while_the_draft_is_copied_is_saved(page, labeler, monkeypatch):
    painted = threading.Event()
    advance = copying.Copy.advance

    def paint_once(copy: copying.Copy) -> None:
        advance(copy)
        if not painted.is_set():
            painted.set()
            page.stroke((1, 1, 0), (5, 5, 8), 1)

    monkeypatch.setattr(copying.Copy, "advance", paint_once)
    labeler.save()
    assert not labeler.dirty
    np.testing.assert_array_equal(labeler._controller.manager.label("case_0"), labeler.mask)
    assert labeler.mask.sum() == 4 * 4 * 8


def turned(studies: Path) -> None:
    """The image in the place of case_0 is the same one, turned: its voxels lie the other way round, and say so."""
    image = nib.load(studies / "case_0.nii.gz")
    affine = np.diag([-1.0, 1.0, 1.0, 1.0])
    affine[0, 3] = SHAPE[0] - 1
    beside = studies / "beside.nii.gz"
    nib.save(nib.Nifti1Image(np.asarray(image.dataobj)[::-1], affine), beside)
    beside.rename(studies / "case_0.nii.gz")


def test_a_draft_of_another_image_than_the_one_that_is_there_now_is_not_saved(page, labeler, studies):
    page.stroke((1, 2, 2), (3, 4, 4), 1)
    before = (studies / "case_0.nii.gz").read_bytes()
    turned(studies)
    with pytest.raises(ImageError, match=r"case_0.nii.gz: holds another image since it was opened"):
        labeler.save()
    assert labeler.dirty
    assert labeler._controller.manager.datastore.label_history("case_0") == []
    (studies / "case_0.nii.gz").write_bytes(before)
    labeler.save()
    assert not labeler.dirty


def test_a_file_that_was_only_touched_or_copied_is_the_same_image(page, labeler, studies):
    page.stroke((1, 2, 2), (3, 4, 4), 1)
    content = (studies / "case_0.nii.gz").read_bytes()
    (studies / "case_0.nii.gz").unlink()
    (studies / "case_0.nii.gz").write_bytes(content)
    assert labeler.save() == "case_0"
