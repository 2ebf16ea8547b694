"""The click tool with a model that a project has trained."""

from __future__ import annotations

import numpy as np
import pytest

from jlabel.click import ClickSegment
from jlabel.click.network import shipped_network
from jlabel.prompts.prompt import Click
from jlabel.registry import ModelVersion

CLICKS = (Click((30, 30)), Click((30, 50)), Click((6, 6), False))


class Own:
    """A published model whose newest version is looked up."""

    def __init__(self, dimension: int = 2) -> None:
        self.number, self.looked, self.dimension = 1, 0, dimension

    def in_use(self) -> ModelVersion:
        self.looked += 1
        return ModelVersion("click", self.number, network={"dimension": self.dimension, "extent_mm": {"thing": 24.0}})


@pytest.fixture
def asked(monkeypatch):
    """The versions whose networks were taken, one for each answer of a network."""
    numbers: list[int] = []

    def load(_self, _device, version):
        numbers.append(version.number)
        return shipped_network(2)

    monkeypatch.setattr(ClickSegment, "load_version", load)
    return numbers


def test_it_answers_from_the_first_click_and_is_named(ball, picture, ask, asked):
    result = ClickSegment(own=Own())(ask(picture(ball((64, 64), (30, 30), 12)), *CLICKS[:1]))
    assert result.version == 1
    assert asked == [1]


def test_a_call_looks_once_for_the_version_in_use(ball, picture, ask, asked):
    own = Own()
    ClickSegment(own=own)(ask(picture(ball((64, 64), (30, 30), 12)), *CLICKS))
    assert own.looked == 1


def test_a_new_version_answers_the_same_prompts_anew(ball, picture, ask, asked):
    own, request = Own(), ask(picture(ball((64, 64), (30, 30), 12)), *CLICKS[:1])
    task = ClickSegment(own=own)
    task(request)
    own.number = 2
    assert task(request).version == 2
    assert asked == [1, 2]


def test_a_model_of_other_images_is_passed_by(ball, picture, ask, asked):
    image, clicks = picture(ball((64, 64), (30, 30), 12)), CLICKS
    result = ClickSegment(own=Own(dimension=3))(ask(image, *clicks))
    assert result.version is None
    assert asked == []
    np.testing.assert_array_equal(result.mask, ClickSegment()(ask(image, *clicks)).mask)
