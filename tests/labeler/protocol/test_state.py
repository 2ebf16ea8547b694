"""The state of a labeler is put together from its features: every field is said by exactly one of them."""

from __future__ import annotations

from typing import get_type_hints

import pytest

from jlabel.labeler.protocol.state import State
from jlabel.widget import AppManager, Labeler
from tests.widget.labeler_pages import labeler, manager, studies  # noqa: F401 - fixtures

FIELDS = set(get_type_hints(State))


def said(labeler: Labeler) -> dict[str, set[str]]:  # noqa: F811
    """The fields of the state by who says them."""
    controller = labeler._controller
    with controller.lock:
        by_feature = {type(one).__name__: set(one.state()) for one in controller.features}
        return {"LabelerController": set(controller._own_state()), **by_feature}


@pytest.mark.parametrize("opened", [True, False])
def test_what_the_features_and_the_controller_say_is_the_whole_state(
    labeler: Labeler,  # noqa: F811
    manager: AppManager,  # noqa: F811
    opened: bool,
) -> None:
    if not opened:
        labeler._controller.open_image = None
    fields = said(labeler)
    assert set.union(*fields.values()) == FIELDS


def test_every_field_is_said_by_one_alone(labeler: Labeler) -> None:  # noqa: F811
    fields = said(labeler)
    said_by = {field: [who for who, its in fields.items() if field in its] for field in FIELDS}
    assert {field: who for field, who in said_by.items() if len(who) != 1} == {}


def test_every_field_is_explained() -> None:
    words = State.__doc__ or ""
    assert [field for field in sorted(FIELDS) if f"        {field}: " not in words] == []
