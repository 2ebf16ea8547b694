"""A structure that ends where the model stopped looking is named, and looked for further."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from jlabel.app import LabelApp
from jlabel.errors import PromptError
from jlabel.tasks import InteractiveTask
from jlabel.widget import AppManager
from tests.widget.labeler_pages import Page, studies  # noqa: F401 - fixtures

SHAPE = (400, 20, 20)


class Bright(InteractiveTask):
    """All that is bright in the region."""

    def pre_transforms(self, data):
        return []

    inferer = post_transforms = pre_transforms

    def segment(self, crop, request, watch):
        return crop.array > 0


class App(LabelApp):
    def init_infers(self) -> dict[str, Any]:
        return {"bright": Bright()}


@pytest.fixture
def page(studies: Path, monkeypatch: pytest.MonkeyPatch):
    for file in studies.glob("*.nii.gz"):
        file.unlink()
    nib.save(nib.Nifti1Image(np.ones(SHAPE, np.int16), np.eye(4)), studies / "long.nii.gz")
    manager = AppManager(App(studies, labels=["a", "b"]), device="cpu")
    labeler = manager.labeler("long")
    yield Page(labeler, monkeypatch)
    labeler.close()
    manager.close()


def found(page: Page) -> int:
    """How many planes along the first axis the structure reaches."""
    return int((page.labeler.mask == 1).any(axis=(1, 2)).sum())


def test_it_is_named_and_goes_on_until_it_ends(page: Page) -> None:
    page.click((200, 10, 10))
    page.wait(lambda: page.state()["cutOff"] == "a")
    assert found(page) == 160
    page.ask("look_further", epoch=page.state()["epoch"])
    page.wait(lambda: found(page) == 320)
    page.wait(lambda: page.state()["cutOff"] == "a")
    page.ask("look_further", epoch=page.state()["epoch"])
    page.wait(lambda: found(page) == 400)
    page.wait(lambda: page.state()["cutOff"] is None)
    page.ask("undo")
    assert found(page) == 320


def test_another_change_makes_it_old(page: Page) -> None:
    page.click((200, 10, 10))
    page.wait(lambda: page.state()["cutOff"] == "a")
    page.stroke((0, 0, 0), (2, 2, 2), 2)
    assert page.state()["cutOff"] is None
    with pytest.raises(PromptError, match="does not end at the edge"):
        page.labeler._controller.features.cut_off.look_further()
