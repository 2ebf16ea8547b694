"""Rounds go out to a CVAT server, labels come back, and nothing is sent or saved twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import jlabel
from jlabel.active_learning.sending import Sender
from jlabel.datastores import LocalDatastore
from jlabel.manager import AppManager
from tests.active_learning.conftest import Begin, annotate, finish, frames, number_of, spot
from tests.cvat.server import ContractServer


def test_a_round_goes_out_and_its_labels_come_back(begin: Begin, manager: AppManager, server: ContractServer) -> None:
    loop = begin()
    sent = loop.send()
    assert sent.images == ["picture_00", "picture_01", "picture_02", "picture_03"]
    (task,) = sent.tasks
    assert {number_of(name) for name in frames(server, task).values()} == {0, 1, 2, 3}
    annotate(server, task, "bob")
    assert sorted(loop.pull().saved) == sent.images
    for number, image_id in enumerate(sent.images):
        np.testing.assert_array_equal(manager.label(image_id), spot(number))
        version = manager.datastore.current_version(image_id)
        assert version is not None
        assert version.author == "bob"
        assert version.info["source"] == f"cvat:{version.info['cvat']['jobs'][0]}"
    assert loop.pull().saved == []
    assert [task.state for task in loop.status().tasks] == ["done"]


def test_what_is_out_is_not_sent_again(begin: Begin, server: ContractServer) -> None:
    loop = begin(rounds_out=3)
    first, second = loop.send(), loop.send()
    assert (first.round, second.round) == (1, 2)
    assert not set(first.images) & set(second.images)
    third, none = loop.send(), loop.send()
    assert len({*first.images, *second.images, *third.images}) == 12
    assert none.images == []
    assert none.why_not == "3 of 3 rounds are out"
    assert len(server.tasks) == 3


def test_an_untouched_picture_is_a_label_once_its_job_is_finished(
    begin: Begin, manager: AppManager, server: ContractServer
) -> None:
    loop = begin(top_k=2)
    (task,) = loop.send().tasks
    assert loop.pull().saved == []
    finish(server, task)
    assert sorted(loop.pull().saved) == ["picture_00", "picture_01"]
    assert not manager.label("picture_00").any()
    assert loop.send().images == ["picture_02", "picture_03"]


def test_jobs_come_back_one_by_one(begin: Begin, server: ContractServer) -> None:
    loop = begin(segment_size=1)
    (task,) = loop.send().tasks
    jobs = server.jobs_of(task, "annotation")
    assert len(jobs) == 4
    server.complete(jobs[2].id, "bob")
    assert len(loop.pull().saved) == 1
    (status,) = loop.status().tasks
    assert (status.state, status.jobs, status.came_back, status.people) == ("out", 4, 1, ("bob",))


def test_a_newer_label_made_here_is_not_written_over(begin: Begin, manager: AppManager, server: ContractServer) -> None:
    loop = begin(top_k=2)
    (task,) = loop.send().tasks
    mine = np.full(spot(0).shape, 2, np.uint8)
    manager.save_label("picture_00", mine)
    annotate(server, task)
    report = loop.pull()
    assert (report.saved, report.kept_both) == (["picture_01"], ["picture_00"])
    assert "picture_00: labelled here meanwhile; both labels are kept" in str(report)
    np.testing.assert_array_equal(manager.label("picture_00"), mine)
    np.testing.assert_array_equal(manager.label("picture_00", "cvat"), spot(0))
    assert loop.pull().kept_both == []


def test_a_job_that_is_changed_and_finished_again_becomes_another_version(
    begin: Begin, manager: AppManager, server: ContractServer
) -> None:
    loop = begin(top_k=1)
    (task,) = loop.send().tasks
    annotate(server, task)
    loop.pull()
    loop.send_back("picture_00", "the lower edge is missing", (4.0, 9.0))
    (issue,) = server.issues.values()
    assert issue.position[:2] == [4.0, 9.0]
    (job,) = server.jobs_of(task, "annotation")
    assert job.state == "rejected"
    assert loop.pull().saved == []
    server.draw(task, 0, "tool", spot(6), "bob")
    server.complete(job.id, "bob")
    assert loop.pull().saved == ["picture_00"]
    assert set(np.unique(manager.label("picture_00"))) == {0, 1, 2}
    assert [version.number for version in manager.datastore.label_history("picture_00")] == [1, 2]


def test_a_shape_without_an_area_is_named_and_its_job_left_alone(
    begin: Begin, manager: AppManager, server: ContractServer
) -> None:
    loop = begin(segment_size=1)
    (task,) = loop.send().tasks
    server.add_shape(task, "polyp", {"type": "polyline", "frame": 0, "points": [0, 0, 5, 5]}, "bob")
    annotate(server, task)
    report = loop.pull()
    assert len(report.saved) == 3
    (problem,) = report.problems.values()
    assert "frame 0 has a polyline" in problem
    assert loop.status().notes == [f"job {server.jobs_of(task)[0].id}: {problem}"]
    server.erase(task, 0)
    server.draw(task, 0, "polyp", spot(0), "bob")
    server.complete(server.jobs_of(task)[0].id)
    assert loop.pull().saved == ["picture_00"]
    assert loop.status().notes == []


def test_a_label_is_found_by_its_name_and_not_by_its_colour(
    begin: Begin, manager: AppManager, server: ContractServer
) -> None:
    loop = begin(top_k=1)
    (task,) = loop.send().tasks
    for label in server.labels.values():
        label.color = "#123456"
    annotate(server, task, label="tool")
    loop.pull()
    assert set(np.unique(manager.label("picture_00"))) == {0, 2}


def test_a_renamed_label_is_a_problem_in_words(begin: Begin, server: ContractServer) -> None:
    loop = begin(top_k=1)
    (task,) = loop.send().tasks
    annotate(server, task)
    server.rename_label("polyp", "lesion")
    (problem,) = loop.pull().problems.values()
    assert problem == "a mask has the label lesion, and there is none of that name here"


def test_a_task_that_was_deleted_gives_its_images_back(begin: Begin, server: ContractServer) -> None:
    loop = begin()
    sent = loop.send()
    server.delete_task(sent.tasks[0])
    assert loop.pull().lost == sent.tasks
    again = loop.send()
    assert again.images == sent.images
    assert again.round == 2


def test_a_deleted_frame_is_no_label(begin: Begin, manager: AppManager, server: ContractServer) -> None:
    loop = begin(top_k=2)
    (task,) = loop.send().tasks
    gone = next(at for at, name in frames(server, task).items() if number_of(name) == 1)
    annotate(server, task)
    server.delete_frame(task, gone)
    assert loop.pull().saved == ["picture_00"]
    assert manager.datastore.get_labels_by_image_id("picture_01") == {}


def test_labels_of_ground_truth_jobs_and_replicas_are_kept_apart(begin: Begin, server: ContractServer) -> None:
    loop = begin(top_k=1)
    (task,) = loop.send().tasks
    (job,) = server.jobs_of(task, "annotation")
    job.type = "ground_truth"
    server.draw(task, 0, "polyp", spot(0), "bob", job.id)
    server.complete(job.id)
    assert loop.pull().saved == []


def test_only_accepted_jobs_count_where_that_is_wanted(begin: Begin, server: ContractServer) -> None:
    loop = begin(top_k=1, accepted=True)
    (task,) = loop.send().tasks
    annotate(server, task)
    assert loop.pull().saved == []
    server.complete(server.jobs_of(task)[0].id, stage="acceptance")
    assert loop.pull().saved == ["picture_00"]


def test_another_loop_goes_on_where_the_first_one_was(begin: Begin, server: ContractServer) -> None:
    first = begin()
    sent = first.send()
    annotate(server, sent.tasks[0])
    second = begin()
    with pytest.raises(jlabel.TaskError, match="a newer loop of this process"):
        first.pull()
    assert sorted(second.pull().saved) == sent.images
    assert second.send().round == 2


def test_objects_of_a_label_have_values_of_their_own(
    studies, cvat: jlabel.Cvat, begin: Begin, server: ContractServer
) -> None:
    labels = [jlabel.Label("nucleus", 1, "#e69f00", instances=True), jlabel.Label("tool", 2, "#56b4e9")]
    nuclei = AppManager(jlabel.LabelApp(studies, labels=labels), device="cpu")
    loop = begin(nuclei, cvat, top_k=1)
    (task,) = loop.send().tasks
    for number in (0, 8, 15):
        server.draw(task, 0, "nucleus", spot(number), "bob")
    server.draw(task, 0, "tool", np.pad(np.ones((2, 30), bool), ((18, 0), (0, 0))), "bob")
    finish(server, task)
    loop.pull()
    assert set(np.unique(nuclei.label("picture_00"))) == {0, 1, 2, 3, 4}
    nuclei.close()


def test_how_well_annotators_agree_is_a_table(begin: Begin, server: ContractServer) -> None:
    loop = begin(top_k=2, segment_size=0)
    (task,) = loop.send().tasks
    (job,) = server.jobs_of(task, "annotation")
    annotate(server, task, "bob")
    assert len(loop.agreement()) == 0
    asked = {"type": "ground_truth", "task_id": task, "frame_selection_method": "manual", "frames": [0]}
    truth = loop.server.connection.post("jobs", asked)["id"]
    server.draw(task, 0, "polyp", np.roll(spot(number_of(frames(server, task)[0])), 1, axis=1), "ann", truth)
    server.complete(truth, "ann")
    rows = loop.agreement()
    table = rows.to_dict("records") if hasattr(rows, "to_dict") else list(rows)
    (row,) = table
    assert (row["image"], row["label"]) == ("picture_00", "polyp")
    assert (row["first"], row["second"]) == (f"bob (job {job.id})", f"ann (job {truth}, ground truth)")
    assert row["dice"] == pytest.approx(5 / 6, abs=1e-4)
    assert row["nsd"] == 1
    # What comes back is bob's.
    assert sorted(loop.pull().saved) == ["picture_00", "picture_01"]


def test_rounds_are_counted_and_not_spelled(begin: Begin, server: ContractServer) -> None:
    loop = begin(top_k=1, rounds_out=12)
    assert [loop.send().round for _ in range(12)] == list(range(1, 13))
    assert loop.round == 12
    assert [task.round for task in loop.status().tasks] == list(range(12, 0, -1))


def test_a_task_may_be_called_what_people_like(begin: Begin, server: ContractServer) -> None:
    loop = begin(top_k=2)
    (task,) = loop.send().tasks
    server.tasks[task].name = "DONE, look at the second one"
    annotate(server, task)
    assert sorted(loop.pull().saved) == ["picture_00", "picture_01"]
    assert loop.send().round == 2


def test_pictures_of_the_same_name_in_other_folders_are_kept_apart(
    studies, cvat: jlabel.Cvat, begin: Begin, server: ContractServer
) -> None:
    for number, folder in enumerate(("ward_a", "ward_b")):
        (studies / folder).mkdir()
        (studies / f"picture_{number:02}.png").rename(studies / folder / "frame.png")
    manager = AppManager(jlabel.LabelApp(studies, labels=["polyp", "tool"]), device="cpu")
    loop = begin(manager, cvat, top_k=12)
    (task,) = loop.send().tasks
    for frame, name in frames(server, task).items():
        if "frame" in name:
            server.draw(task, frame, "polyp", spot(5 if "ward_a" in name else 9), "bob")
    finish(server, task)
    loop.pull()
    np.testing.assert_array_equal(manager.label("ward_a/frame"), spot(5))
    np.testing.assert_array_equal(manager.label("ward_b/frame"), spot(9))
    manager.close()


def test_a_picture_that_cannot_be_read_is_left_out_and_named(
    studies, cvat: jlabel.Cvat, begin: Begin, server: ContractServer
) -> None:
    (studies / "picture_01.png").write_bytes(b"no picture")
    manager = AppManager(jlabel.LabelApp(studies, labels=["polyp"]), device="cpu")
    loop = begin(manager, cvat, top_k=3)
    report = loop.send()
    assert "picture_01" not in report.images
    assert len(report.images) >= 2
    manager.close()


def test_a_label_that_cannot_be_saved_is_no_fault_of_a_job(
    begin: Begin, manager: AppManager, server: ContractServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jlabel.active_learning.pulling._TOGETHER", 1)
    loop = begin(top_k=3, segment_size=1)
    (task,) = loop.send().tasks
    annotate(server, task)

    def full(*_: object) -> int:
        raise jlabel.DatastoreError("no room is left")

    with monkeypatch.context() as patch:
        patch.setattr(manager.datastore, "save_labels", full)
        with pytest.raises(jlabel.DatastoreError, match="no room is left"):
            loop.pull()
    assert loop.status().notes == []
    assert sorted(loop.pull().saved) == ["picture_00", "picture_01", "picture_02"]


def test_nobody_here_is_given_an_image_that_is_out(begin: Begin, manager: AppManager, server: ContractServer) -> None:
    loop = begin(top_k=3)
    (task,) = loop.send().tasks
    assert list(manager.leases()) == []
    assert manager.next_image("first") == "picture_03"
    assert [one.image_id for one in manager.next_images("first", k=2)] == ["picture_03", "picture_04"]
    server.delete_task(task)
    loop.pull()
    assert manager.next_image("first") == "picture_00"


def test_what_people_work_on_does_not_go_out(begin: Begin, manager: AppManager, studies: Path) -> None:
    ben = AppManager(jlabel.LabelApp(LocalDatastore(studies, author="ben"), labels=["polyp", "tool"]), device="cpu")
    assert (manager.next_image("first"), ben.next_image("first")) == ("picture_00", "picture_01")
    loop = begin(top_k=10)
    assert loop.send().images == [f"picture_{number:02}" for number in range(2, 12)]
    assert (manager.next_image("first"), ben.next_image("first")) == ("picture_00", "picture_01")
    again = begin(project="another")
    assert again.send().why_not == "no image waits for a label that nobody works on here"
    ben.close()


def test_while_a_round_is_planned_nobody_is_given_its_images(
    begin: Begin, manager: AppManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[str | None] = []
    plan = Sender.plan

    def ask_and_plan(*arguments: object) -> object:
        given.append(manager.next_image("first"))
        return plan(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Sender, "plan", ask_and_plan)
    assert begin(top_k=3).send().images == ["picture_00", "picture_01", "picture_02"]
    assert given == ["picture_03"]
