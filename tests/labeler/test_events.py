"""The events that a notebook can listen to."""

from __future__ import annotations

from typing import get_args

from jlabel.labeler.events import EVENT_NAMES, EventName, LabelerEvent


def test_each_event_has_a_name_and_each_name_an_event() -> None:
    assert set(EVENT_NAMES) == set(get_args(LabelerEvent))
    assert sorted(EVENT_NAMES.values()) == sorted(get_args(EventName))
