"""Whose image it is, as the info of the image tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from jlabel.datastores.patients import patient_in


@pytest.mark.parametrize("key", ["patient", "patient_id", "PatientID"])
def test_a_patient_is_named_in_one_of_several_places(key: str) -> None:
    assert patient_in({key: "p7", "comment": "blurred"}) == "p7"


def test_a_number_is_a_name_too() -> None:
    assert patient_in({"patient": 7}) == "7"


def test_the_first_name_that_is_there_counts() -> None:
    assert patient_in({"patient": "", "patient_id": None, "PatientID": "p7"}) == "p7"
    assert patient_in({"patient": "p1", "PatientID": "p7"}) == "p1"


@pytest.mark.parametrize("info", [{}, {"patient": None}, {"patient": ["p1"]}, {"patient": {"id": 1}}])
def test_no_patient_is_named(info: Mapping[str, Any]) -> None:
    assert patient_in(info) == ""
