"""Plans of networks: one for a run, and that of the version that a training goes on from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from types import SimpleNamespace

import pytest

from jlabel.training.kept_plan import PLAN_FILE, kept_plan, version_to_go_on_from


@dataclass(frozen=True)
class Plan:
    size: int

    def to_json(self):
        return asdict(self)


def read(content):
    return Plan(**content)


def training(folder=None, labels=None, pretrained=True):
    request = {"pretrained": pretrained}
    return SimpleNamespace(output_dir=folder, request=request, name="liver", labels=labels or {"liver": 1})


def store_with(version):
    return SimpleNamespace(in_use=lambda name: version if name == "liver" else None)


def test_a_run_makes_its_plan_once(tmp_path):
    assert kept_plan(training(tmp_path), read, lambda: Plan(3)) == Plan(3)
    assert (tmp_path / PLAN_FILE).read_text() == '{"size": 3}'
    assert kept_plan(training(tmp_path), read, lambda: pytest.fail("it has one")) == Plan(3)


def test_a_training_goes_on_from_the_version_in_use_that_knows_the_same_labels():
    version = SimpleNamespace(labels={"liver": 1})
    assert version_to_go_on_from(training(), store_with(version)) is version
    assert version_to_go_on_from(training(labels={"liver": 1, "spleen": 2}), store_with(version)) is None
    assert version_to_go_on_from(training(pretrained=False), store_with(version)) is None
    assert version_to_go_on_from(training(), store_with(None)) is None
    assert version_to_go_on_from(training(), None) is None
