"""A version of a label, and the labels that its info names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from jlabel.datastores import FINAL, ORIGINAL, LabelVersion, label_names


@pytest.mark.parametrize(
    "info",
    [
        {"label_names": ["spleen", "liver"]},
        {"label_names": {"spleen": 1, "liver": 2}},
        {"labels": ("spleen", "liver")},
        {"params": {"label_names": {"spleen": 1}}, "labels": ["liver"]},
        {"label_info": [{"name": "spleen", "idx": 1}, {"name": "liver"}]},
    ],
)
def test_the_labels_that_a_file_holds_are_named_in_one_of_several_places(info: Mapping[str, Any]) -> None:
    assert label_names(info) == {"spleen", "liver"}


@pytest.mark.parametrize("info", [{}, {"labels": "spleen"}, {"params": 3}, {"label_info": ["spleen", {"idx": 1}]}])
def test_what_names_no_labels(info: Mapping[str, Any]) -> None:
    assert label_names(info) == set()


def test_a_version_is_not_the_current_one_unless_it_says_so() -> None:
    version = LabelVersion(2, datetime(2024, 5, 1, tzinfo=UTC), "mia", 120)
    assert (version.current, version.sha256, version.info) == (False, None, {})


def test_the_labels_of_people_and_models_have_different_tags() -> None:
    assert (FINAL, ORIGINAL) == ("final", "original")
