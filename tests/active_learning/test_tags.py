"""Frames that people tag in CVAT come back as tags of images, and images go out with the tags that they have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import jlabel
from jlabel.datastores.image_tags import propose_tag
from jlabel.manager import AppManager
from tests.active_learning.conftest import Begin, finish
from tests.cvat.server import ContractServer
from tests.cvat.server.faults import Fault

TAGS = {"view": ["in body", "out of body"], "sharp": ["yes", "no"]}


@pytest.fixture
def tagged(studies: Path) -> Iterator[AppManager]:
    """Of an app with two tags."""
    made = AppManager(jlabel.LabelApp(studies, labels=["polyp"], tags=TAGS), device="cpu")
    yield made
    made.close()


def labels_of(server: ContractServer) -> dict[str, str]:
    return {label.name: label.type for label in server.labels.values()}


def tags_there(server: ContractServer, task: int) -> list[tuple[int, str, str]]:
    """The frame, the label and the source of each tag of a task."""
    found = [one for job in server.jobs_of(task) for one in job.annotations["tags"]]
    return sorted((one["frame"], server.labels[one["label_id"]].name, one["source"]) for one in found)


def test_the_project_gets_a_label_for_each_class(
    begin: Begin, tagged: AppManager, cvat: jlabel.Cvat, server: ContractServer
) -> None:
    begin(tagged, cvat, top_k=1).send()
    expected = {"polyp": "any", "in body": "tag", "out of body": "tag", "yes": "tag", "no": "tag"}
    assert labels_of(server) == expected
    begin(tagged, cvat, top_k=1, rounds_out=2).send()
    assert labels_of(server) == expected


def test_a_label_of_that_name_that_is_there_stays_as_it_is(
    begin: Begin, tagged: AppManager, cvat: jlabel.Cvat, server: ContractServer
) -> None:
    there = [{"name": "in body", "type": "any"}, {"name": "yes", "type": "mask"}]
    cvat.connection.post("projects", {"name": "polyps", "labels": there})
    tagged.tag_image("picture_00", "view", "in body")
    tagged.tag_image("picture_00", "sharp", "yes")
    (task,) = begin(tagged, cvat, top_k=1).send().tasks
    assert labels_of(server) == {"in body": "any", "yes": "mask", "polyp": "any", "out of body": "tag", "no": "tag"}
    assert tags_there(server, task) == [(0, "in body", "manual")]


def test_frames_that_are_tagged_become_tags_of_their_images(
    begin: Begin, tagged: AppManager, cvat: jlabel.Cvat, server: ContractServer
) -> None:
    loop = begin(tagged, cvat, top_k=3)
    (task,) = loop.send().tasks
    server.add_tag(task, 0, "out of body", "bob")
    server.add_tag(task, 2, "in body", "bob")
    server.add_tag(task, 2, "no", "bob")
    assert loop.pull().tagged == []
    finish(server, task)
    report = loop.pull()
    assert sorted(report.saved) == ["picture_00", "picture_01", "picture_02"]
    assert sorted(report.tagged) == ["picture_00", "picture_02"]
    assert "tagged: 2" in str(report)
    tag = tagged.image_tags("picture_00")["view"]
    assert (tag.value, tag.author, tag.by_person) == ("out of body", "bob", True)
    assert tag.source == f"cvat:{server.job_of_frame(task, 0).id}"
    assert tagged.image_tags("picture_01") == {}
    assert {name: one.value for name, one in tagged.image_tags("picture_02").items()} == {
        "view": "in body",
        "sharp": "no",
    }
    assert loop.pull().tagged == []


def test_what_is_tagged_otherwise_in_a_job_that_was_opened_again_counts(
    begin: Begin, tagged: AppManager, cvat: jlabel.Cvat, server: ContractServer
) -> None:
    loop = begin(tagged, cvat, top_k=2)
    (task,) = loop.send().tasks
    server.add_tag(task, 0, "out of body", "bob")
    server.complete(server.job_of_frame(task, 0).id, "bob")
    assert loop.pull().tagged == ["picture_00"]
    server.erase(task, 0)
    server.add_tag(task, 0, "in body", "ann")
    server.complete(server.job_of_frame(task, 0).id)
    assert loop.pull().tagged == ["picture_00"]
    tag = tagged.image_tags("picture_00")["view"]
    assert (tag.value, tag.author) == ("in body", "ann")


def test_a_tag_that_was_given_here_since_then_stays_and_both_are_told(
    begin: Begin, tagged: AppManager, cvat: jlabel.Cvat, server: ContractServer
) -> None:
    tagged.tag_image("picture_00", "view", "in body")
    tagged.tag_image("picture_01", "view", "in body")
    loop = begin(tagged, cvat, top_k=2, pre_annotate=False)
    (task,) = loop.send().tasks
    tagged.tag_image("picture_01", "view", "in body")
    for frame in (0, 1):
        server.add_tag(task, frame, "out of body", "bob")
    finish(server, task)
    report = loop.pull()
    assert report.tagged == ["picture_00"]
    assert report.tags_kept == {"picture_01": "view is 'in body' here and 'out of body' in CVAT"}
    assert "picture_01: tagged here meanwhile: view is 'in body' here" in str(report)
    assert tagged.image_tags("picture_00")["view"].value == "out of body"
    assert tagged.image_tags("picture_01")["view"].value == "in body"


def test_of_an_image_all_tags_that_stay_are_told(
    begin: Begin, tagged: AppManager, cvat: jlabel.Cvat, server: ContractServer
) -> None:
    loop = begin(tagged, cvat, top_k=1)
    (task,) = loop.send().tasks
    for name, here, there in (("view", "in body", "out of body"), ("sharp", "yes", "no")):
        tagged.tag_image("picture_00", name, here)
        server.add_tag(task, 0, there, "bob")
    finish(server, task)
    said = "view is 'in body' here and 'out of body' in CVAT; sharp is 'yes' here and 'no' in CVAT"
    assert loop.pull().tags_kept == {"picture_00": said}


def test_a_frame_of_two_classes_leaves_its_job_alone(
    begin: Begin, tagged: AppManager, cvat: jlabel.Cvat, server: ContractServer
) -> None:
    loop = begin(tagged, cvat, top_k=2)
    (task,) = loop.send().tasks
    server.add_tag(task, 0, "out of body", "bob")
    server.add_tag(task, 0, "in body", "bob")
    finish(server, task)
    report = loop.pull()
    assert report.saved == ["picture_01"]
    assert "frame 0 is tagged 'out of body' and 'in body'" in next(iter(report.problems.values()))
    server.erase(task, 0)
    server.complete(server.job_of_frame(task, 0).id)
    assert loop.pull().saved == ["picture_00"]


def test_a_tag_without_a_class_here_is_named_and_its_job_taken(
    begin: Begin, tagged: AppManager, cvat: jlabel.Cvat, server: ContractServer
) -> None:
    loop = begin(tagged, cvat, top_k=1)
    (task,) = loop.send().tasks
    server.add_tag(task, 0, "polyp", "bob")
    finish(server, task)
    report = loop.pull()
    assert report.saved == ["picture_00"]
    assert "frames are tagged 'polyp', which is no class of a tag here" in str(report)


def test_pictures_go_out_with_the_classes_that_a_person_or_a_model_gave(
    begin: Begin, tagged: AppManager, cvat: jlabel.Cvat, server: ContractServer
) -> None:
    tagged.tag_image("picture_00", "view", "out of body")
    propose_tag(tagged.datastore, "picture_00", "view", {"in body": 0.9, "out of body": 0.1}, "view")
    propose_tag(tagged.datastore, "picture_01", "sharp", {"yes": 0.8, "no": 0.2}, "sharp")
    loop = begin(tagged, cvat, top_k=3)
    server.faults.add(Fault("PATCH", "annotations", "cut_after"))
    (task,) = loop.send().tasks
    assert tags_there(server, task) == [(0, "out of body", "manual"), (1, "yes", "auto")]
    assert loop.upload_pre_annotations() == 0
    propose_tag(tagged.datastore, "picture_02", "view", {"in body": 0.7, "out of body": 0.3}, "view")
    assert loop.upload_pre_annotations() == 1
    finish(server, task)
    assert sorted(loop.pull().tagged) == ["picture_01", "picture_02"]
    assert tagged.image_tags("picture_02")["view"].author == "bob"


def test_the_tags_of_a_volumes_slices_are_those_of_the_volume(
    begin: Begin, volumes: AppManager, cvat: jlabel.Cvat, server: ContractServer
) -> None:
    folder = Path(volumes.datastore.status()["folder"])
    found = jlabel.Classification("found", ["cyst", "stone"], several=True)
    app = jlabel.LabelApp(folder, labels=["liver"], tags=[found, jlabel.Classification("contrast", ["yes", "no"])])
    manager = AppManager(app, device="cpu")
    manager.tag_image("scan_0", "contrast", "yes")
    loop = begin(manager, cvat, top_k=1)
    (task,) = loop.send().tasks
    assert tags_there(server, task) == []
    for frame, label in ((1, "stone"), (3, "cyst"), (4, "cyst")):
        server.add_tag(task, frame, label, "bob")
    finish(server, task)
    assert loop.pull().tagged == ["scan_0"]
    assert {name: tag.values for name, tag in manager.image_tags("scan_0").items()} == {
        "contrast": ("yes",),
        "found": ("cyst", "stone"),
    }
    manager.close()
