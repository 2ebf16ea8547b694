"""Who annotated an image is known, and it is sent back to them with a comment at a voxel."""

from __future__ import annotations

import pytest

from jlabel.errors import Cancelled, TaskError
from jlabel.manager import AppManager
from jlabel.progress import Progress
from tests.active_learning.conftest import Begin, annotate, finish
from tests.cvat.server import ContractServer


def test_the_manager_knows_where_its_images_are_annotated(begin: Begin, manager: AppManager) -> None:
    assert manager.annotation_server is None
    loop = begin()
    assert manager.annotation_server is loop


def test_an_image_is_sent_back_with_the_comment_at_the_pixel_of_the_voxel(begin: Begin, server: ContractServer) -> None:
    loop = begin(top_k=2)
    (task,) = loop.send().tasks
    annotate(server, task)
    loop.pull()
    assert loop.send_back_at("picture_01", "the lower edge is missing", (9, 12)) == "bob"
    (issue,) = server.issues.values()
    assert server.tasks[task].frames[issue.frame].name.startswith("picture_01")
    assert issue.position[:2] == [12.5, 9.5]
    assert [comment.message for comment in server.comments.values()] == ["the lower edge is missing"]
    assert [job.state for job in server.jobs_of(task, "annotation")] == ["completed", "rejected"]


def test_whose_an_image_is_is_known_from_when_its_label_has_come_back_until_somebody_works_on_it_again(
    begin: Begin, server: ContractServer
) -> None:
    loop = begin(top_k=1)
    assert loop.sent("picture_00") == ""
    (task,) = loop.send().tasks
    annotate(server, task)
    assert loop.sent("picture_00") == ""
    loop.pull()
    assert (loop.sent("picture_00"), loop.sent("picture_07")) == ("CVAT, by bob", "")
    loop.send_back_at("picture_00", "too large", (12, 9))
    assert loop.sent("picture_00") == "CVAT, by bob"
    (job,) = server.jobs_of(task, "annotation")
    loop.server.connection.patch(f"jobs/{job.id}", {"state": "in progress"})
    loop.pull()
    assert loop.sent("picture_00") == ""
    finish(server, task)
    loop.pull()
    assert loop.sent("picture_00") == "CVAT, by bob"


def test_what_was_never_sent_cannot_be_sent_back(begin: Begin) -> None:
    with pytest.raises(TaskError, match="'picture_00' was not sent to 'polyps'"):
        begin().send_back_at("picture_00", "too large", (12, 9))


def test_waiting_for_a_server_that_is_away_can_be_given_up(begin: Begin, server: ContractServer) -> None:
    loop = begin(top_k=1)
    (task,) = loop.send().tasks
    annotate(server, task)
    loop.pull()
    server.stop()
    asked: list[bool] = []

    def check() -> None:
        asked.append(True)
        if len(asked) > 3:
            raise Cancelled("nobody waits")

    with pytest.raises(Cancelled, match="nobody waits"):
        loop.send_back_at("picture_00", "too large", (12, 9), Progress(check=check))
    server.start()
    assert loop.send_back_at("picture_00", "too large", (12, 9)) == "bob"
    assert len(server.issues) == 1
