"""Which trainer is chosen, and which can work on the studies as they are."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from jlabel.labeler.features.trainer_choice import TrainerChoice


class Check:
    """What is wrong with the studies for each trainer, as a test says."""

    def __init__(self) -> None:
        self.images: dict[str, str] = {}
        self.labels: dict[str, str] = {}

    def unsuitable(self, name: str) -> str:
        return self.images.get(name, "")

    def lacking_labels(self, name: str) -> str:
        return self.labels.get(name, "")

    def first_suitable(self) -> str:
        return next(name for name in ("volumes", "slices") if not self.unsuitable(name))


@pytest.fixture
def check() -> Check:
    return Check()


@pytest.fixture
def manager(check: Check) -> Any:
    trainers = {"volumes": SimpleNamespace(description="3D"), "slices": SimpleNamespace(description="2D")}
    return SimpleNamespace(training_check=check, app=SimpleNamespace(trainers=trainers))


def test_the_first_that_the_images_are_for_is_chosen(manager: Any, check: Check) -> None:
    choice = TrainerChoice(manager, "volumes", given=False)
    check.images["volumes"] = "the images are slices"
    assert choice.look()
    assert choice.name == "slices"
    assert choice.unsuitable("volumes") == "the images are slices"


@pytest.mark.parametrize("by_hand", [True, False])
def test_what_a_person_has_chosen_stays(manager: Any, check: Check, by_hand: bool) -> None:
    choice = TrainerChoice(manager, "volumes", given=not by_hand)
    if by_hand:
        choice.choose("volumes")
    check.images["volumes"] = "the images are slices"
    choice.look()
    assert choice.name == "volumes"


def test_it_says_whether_anything_is_another_than_before(manager: Any, check: Check) -> None:
    choice = TrainerChoice(manager, "volumes", given=False)
    assert not choice.looked
    choice.look()
    assert choice.looked
    assert not choice.look()
    check.labels["volumes"] = "save 2 labels first"
    assert choice.look()


def test_images_stand_in_the_way_before_labels_do(manager: Any, check: Check) -> None:
    choice = TrainerChoice(manager, "slices", given=False)
    check.labels = {"volumes": "save 2 labels first", "slices": "save 2 labels first"}
    check.images["volumes"] = "the images are slices"
    choice.look()
    volumes, slices = choice.listed()
    assert (volumes.obstacle, volumes.suits) == ("the images are slices", False)
    assert (slices.obstacle, slices.suits, slices.description) == ("save 2 labels first", True, "2D")
