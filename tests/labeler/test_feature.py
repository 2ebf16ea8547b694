"""A feature of one's own: what it says, and that all else is nothing."""

from __future__ import annotations

import threading
from typing import Any

from jlabel.labeler.actions import StepUndone
from jlabel.labeler.feature import Feature
from jlabel.labeler.protocol.state import State


class Context:
    """Remembers what was published."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.published: list[State] = []

    def publish_state(self, state: State) -> None:
        assert self.lock._is_owned()  # type: ignore[attr-defined]
        self.published.append(state)


class Undos(Feature):
    """Counts what is taken back."""

    count = 0

    def state(self) -> State:
        return {"canUndo": self.count > 0}

    def on_action(self, action: Any) -> None:
        self.count += isinstance(action, StepUndone)


def test_its_state_is_published_with_the_lock_held() -> None:
    context: Any = Context()
    feature = Undos(context)
    feature.on_action(StepUndone())
    feature.publish_state()
    assert context.published == [{"canUndo": True}]


def test_one_that_says_nothing_adds_nothing() -> None:
    feature = Feature(Context())  # type: ignore[arg-type]
    assert (feature.message_handlers(), feature.state(), feature.label_info()) == ({}, {}, {})
    for told in (feature.on_saved, feature.on_draft_changed, feature.on_labels_changed, feature.on_models_changed):
        told()
    feature.on_studies_changed()
    feature.on_page_connected("page")
    feature.close()
