# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest

from jlabel.errors import JlabelError
from jlabel.labeler.protocol.values import PROTOCOL
from tests.widget.labeler_pages import SHAPE, labeler, manager, page, studies  # noqa: F401 - fixtures


@pytest.fixture
def series(studies, manager):
    """An image of four frames; every voxel of a frame has its number."""
    frames = np.broadcast_to(np.arange(4, dtype=np.int16) * 25, (*SHAPE, 4))
    nib.save(nib.Nifti1Image(np.ascontiguousarray(frames), np.eye(4)), studies / "series.nii.gz")
    manager.datastore.refresh()
    return frames


def volume(page) -> np.ndarray:
    """What the newest stream brings to the page."""
    stream = page.told("stream")[-1]
    page.ask("pull", client="page", epoch=stream["epoch"], stream=stream["stream"], count=stream["pieces"])
    pieces = [buffers[0] for content, buffers in page.heard if content.get("stream") == stream["stream"] and buffers]
    return np.frombuffer(b"".join(pieces), "<i2")


def test_another_frame_comes_and_the_draft_stays(labeler, page, series):
    labeler.open("series")
    header = page.told("image")[-1]["header"]
    assert (header["frames"], header["frame"]) == (4, 0)
    assert set(volume(page)) == {0}
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    epoch = page.state()["epoch"]
    page.ask("frame", epoch=epoch, frame=2)
    page.wait(lambda: labeler.frame == 2)
    assert page.told("frame") == [{"type": "frame", "epoch": epoch, "frame": 2}]
    page.wait(lambda: page.told("stream")[-1]["stream"] == 2)
    assert set(volume(page)) == {50}
    assert labeler.mask.sum() == 8
    assert labeler.dirty
    labeler.undo()
    assert not labeler.mask.any()


def test_a_page_that_comes_later_gets_the_frame_on_the_screen(labeler, page, series):
    labeler.open("series")
    labeler.frame = 3
    page.ask("hello", client="page", protocol=PROTOCOL)
    assert page.told("image")[-1]["header"]["frame"] == 3
    assert set(volume(page)) == {75}


def test_models_see_the_frame_on_the_screen(labeler, page, series):
    labeler.open("series")
    labeler.model = "auto"  # calls everything above 50 the first label
    labeler.frame = 2
    page.ask("run", epoch=page.state()["epoch"], axis=2)
    page.wait(lambda: page.state()["busy"] is None)
    assert not labeler.mask.any()
    labeler.frame = 3
    page.ask("run", epoch=page.state()["epoch"], axis=2)
    page.wait(lambda: labeler.mask.all())


def test_the_label_is_saved_once_for_all_frames(labeler, page, series):
    labeler.open("series")
    labeler.frame = 1
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    labeler.save()
    assert labeler._controller.manager.label("series").shape == SHAPE
    labeler.next()
    assert labeler.frame == 0


def test_there_is_no_other_frame(labeler, page, series):
    with pytest.raises(JlabelError, match="frames 0 to 0, and not 1"):
        labeler.frame = 1
    labeler.open("series")
    page.ask("frame", epoch=page.state()["epoch"], frame=4)
    page.wait(lambda: page.told("error") != [])
    assert "frames 0 to 3" in page.told("error")[0]["text"]
    page.ask("frame", epoch=1, frame=2)
    labeler._controller.features.frames._worker.flush()
    assert labeler.frame == 0
