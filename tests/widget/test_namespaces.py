"""What a notebook does with a labeler by topic, and the names of 0.1.0 that go on to work."""

from __future__ import annotations

import inspect

import numpy as np

from jlabel.prompts import Click
from jlabel.widget import Labeler
from jlabel.widget.former_names import FormerNames
from tests.widget.labeler_pages import Page, labeler, manager, page, studies  # noqa: F401 - fixtures


def test_labels_are_a_sequence_that_changes(labeler: Labeler) -> None:  # noqa: F811
    labels = labeler.labels
    assert [label.name for label in labels] == ["a", "b"]
    added = labels.add("c", color="#123456")
    assert labels[-1] == added
    assert labels == labeler._controller.labels
    assert labels[:2] == labeler._controller.labels[:2]
    assert len(labels) == 3
    labels.rename("c", "d")
    labels.recolor("d", "#654321")
    labels.move("d", 0)
    assert next((label.name, label.color) for label in labels) == ("d", "#654321")
    labels.delete("d")
    assert [label.name for label in labels] == ["a", "b"]
    labels.merge("b", "a")
    assert [label.name for label in labels] == ["a"]


def test_prompts_are_a_sequence_that_changes(labeler: Labeler, page: Page) -> None:  # noqa: F811
    prompts = labeler.prompts
    assert prompts == ()
    page.click((5, 5, 4))
    page.wait(lambda: page.state()["busy"] is None and len(prompts) == 1)
    assert prompts == (Click((5, 5, 4), True, "a"),)
    assert prompts != ()
    prompts.other_labels_as_background = False
    prompts.uncertain_border = True
    assert not labeler.other_labels_as_background
    assert labeler.uncertain_border


def test_a_saved_version_is_compared_and_taken_over(labeler: Labeler, page: Page) -> None:  # noqa: F811
    page.stroke((1, 1, 1), (3, 3, 3), 1)
    labeler.save()
    page.stroke((5, 5, 5), (7, 7, 7), 1, seq=2)
    labeler.versions.compare("final", 1)
    assert page.state()["comparing"] == {"number": 1, "tag": "final", "version": 1}
    assert labeler.versions.take_over("final", 1) == 8
    assert int(np.count_nonzero(labeler.mask)) == 8
    assert labeler.labels.volumes == {"a": 8 / 1000, "b": 0.0} == labeler.volumes


def test_an_app_without_trainers_trains_nothing(labeler: Labeler) -> None:  # noqa: F811
    assert labeler.training.trainer == ""
    assert not labeler.training.automatic
    assert not labeler.train_automatically


def test_every_former_name_says_where_it_is_now() -> None:
    for name, member in inspect.getmembers(FormerNames):
        if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, property)):
            topic, _, now = (member.__doc__ or "").removeprefix("As ``").partition("``")[0].partition(".")
            namespace = {"labels": "LabelerLabels", "prompts": "LabelerPrompts", "versions": "LabelerVersions"}
            module = inspect.getmodule(FormerNames)
            assert hasattr(getattr(module, namespace.get(topic, "LabelerTraining")), now), name
