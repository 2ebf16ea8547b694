"""The models that made a draft, as they are saved with its label."""

from __future__ import annotations

import numpy as np
import pytest

from jlabel.annotation.provenance import model_and_version, versioned, with_model
from jlabel.imaging import Region
from jlabel.tasks import InferResult


def answer(version: int | None) -> InferResult:
    return InferResult(Region.whole((1, 1)), np.zeros((1, 1), np.uint8), (1, 1), {}, version=version)


def test_a_model_is_named_with_the_version_that_answered() -> None:
    assert versioned("liver", answer(3)) == "liver (version 3)"
    assert versioned("liver", answer(None)) == "liver"


def test_the_last_model_comes_last() -> None:
    assert with_model((), "click") == ("click",)
    assert with_model(("click",), "liver") == ("click", "liver")
    assert with_model(("click", "liver"), "click") == ("liver", "click")


@pytest.mark.parametrize("before", ["liver", "liver (version 2)", "liver (version 3)"])
@pytest.mark.parametrize("now", ["liver", "liver (version 3)"])
def test_of_one_model_the_last_version_is_named_alone(before: str, now: str) -> None:
    assert with_model((before, "click"), now) == ("click", now)


def test_a_name_that_begins_like_another_is_another_model() -> None:
    assert with_model(("liver (version 2)",), "liver 2d (version 1)") == ("liver (version 2)", "liver 2d (version 1)")
    assert with_model(("liver 2d",), "liver (version 1)") == ("liver 2d", "liver (version 1)")


def test_the_models_before_are_left_as_they_were() -> None:
    before = ["click", "liver"]
    with_model(before, "click")
    assert before == ["click", "liver"]


@pytest.mark.parametrize("version", [3, None])
def test_a_name_says_its_model_and_version(version: int | None) -> None:
    assert model_and_version(versioned("liver", answer(version))) == ("liver", version)


def test_a_name_with_more_in_it_says_them_too() -> None:
    assert model_and_version("liver (version 12, Dice 0.81)") == ("liver", 12)
    assert model_and_version("liver (old) (version 2)") == ("liver (old)", 2)
    for name in ("", "liver (version", "liver (version x)", f"liver (version {'9' * 5000})"):
        assert model_and_version(name) == (name, None)
