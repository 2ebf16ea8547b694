"""A volume goes out as a task of slices, and comes back whole."""

from __future__ import annotations

import numpy as np
import pytest

import jlabel
from jlabel.errors import TaskError
from jlabel.manager import AppManager
from tests.active_learning.conftest import SHAPE, Begin, finish
from tests.cvat.server import ContractServer


def test_each_volume_is_a_task_of_one_job(
    volumes: AppManager, begin: Begin, cvat: jlabel.Cvat, server: ContractServer
) -> None:
    loop = begin(volumes, cvat)
    sent = loop.send()
    assert sent.images == ["scan_0", "scan_1"]
    assert [len(task.frames) for task in server.tasks.values()] == [SHAPE[2]] * 2
    assert [len(server.jobs_of(task)) for task in server.tasks] == [1, 1]
    names = [task.name for task in server.tasks.values()]
    assert "scan_0" in names[0]
    assert "round 1" in names[0]


def test_what_is_drawn_on_slices_lies_where_it_was_seen(
    volumes: AppManager, begin: Begin, cvat: jlabel.Cvat, server: ContractServer
) -> None:
    loop = begin(volumes, cvat, top_k=1)
    (task,) = loop.send().tasks
    # The patient's right is on the left of the picture: here, where the first axis runs to the left, as it is.
    drawn = np.zeros((SHAPE[1], SHAPE[0]), bool)
    drawn[1, 2:5] = True
    server.draw(task, 3, "liver", drawn, "bob")
    finish(server, task)
    assert loop.pull().saved == ["scan_0"]
    expected = np.zeros(SHAPE, np.uint8)
    expected[2:5, SHAPE[1] - 1 - 1, 3] = 1
    np.testing.assert_array_equal(volumes.label("scan_0"), expected)


def test_slices_that_were_taken_out_are_named_with_the_label(
    volumes: AppManager, begin: Begin, cvat: jlabel.Cvat, server: ContractServer
) -> None:
    loop = begin(volumes, cvat, top_k=1)
    (task,) = loop.send().tasks
    server.delete_frame(task, 4)
    finish(server, task)
    loop.pull()
    version = volumes.datastore.current_version("scan_0")
    assert version is not None
    assert version.info["cvat"]["slices_left_out"] == [4]


def test_masks_of_a_model_lie_on_their_slices(
    volumes: AppManager, begin: Begin, cvat: jlabel.Cvat, server: ContractServer
) -> None:
    mask = np.zeros(SHAPE, np.uint8)
    mask[2:5, 8, 3] = 1
    volumes.save_label("scan_0", mask, tag="original")
    loop = begin(volumes, cvat, top_k=1)
    (task,) = loop.send().tasks
    assert [len(server.masks(task, frame)) for frame in range(5)] == [0, 0, 0, 1, 0]
    finish(server, task)
    loop.pull()
    np.testing.assert_array_equal(volumes.label("scan_0"), mask)


def test_a_comment_lies_on_the_slice_and_the_pixel_of_its_voxel(
    volumes: AppManager, begin: Begin, cvat: jlabel.Cvat, server: ContractServer
) -> None:
    loop = begin(volumes, cvat, top_k=1)
    (task,) = loop.send().tasks
    finish(server, task)
    loop.pull()
    loop.send_back_at("scan_0", "the vessel belongs to it", (2, SHAPE[1] - 1 - 1, 3))
    loop.send_back("scan_0", "and somewhere in the middle")
    loop.send_back("scan_0", "and at the top", (1.0, 2.0), slice_index=4)
    asked = [(issue.frame, issue.position[:2]) for issue in server.issues.values()]
    assert asked == [(3, [2.5, 1.5]), (2, [SHAPE[0] / 2, SHAPE[1] / 2]), (4, [1.0, 2.0])]
    with pytest.raises(TaskError, match="slice 5 of 'scan_0' was not sent"):
        loop.send_back("scan_0", "beyond", slice_index=5)
