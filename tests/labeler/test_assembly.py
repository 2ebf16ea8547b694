"""The features of a labeler: every message of a page has one that takes it, and each of them can be reached."""

from __future__ import annotations

from collections import Counter

import jlabel.labeler.features as features_package
from jlabel.labeler.feature import Feature
from jlabel.labeler.protocol import image_messages, incoming, page_messages
from jlabel.widget import Labeler
from tests.widget.labeler_pages import labeler, manager, studies  # noqa: F401 - fixtures

NOT_OF_A_FEATURE = {page_messages.Hello, image_messages.Pull}


def test_every_message_is_taken_by_exactly_one_feature(labeler: Labeler) -> None:  # noqa: F811
    takers = Counter(kind for one in labeler._controller.features for kind in one.message_handlers())
    assert {kind: count for kind, count in takers.items() if count != 1} == {}
    assert set(takers) == set(incoming.message_types().values()) - NOT_OF_A_FEATURE


def test_the_controller_hands_each_message_to_that_feature(labeler: Labeler) -> None:  # noqa: F811
    handlers = labeler._controller.messages._handlers
    assert set(handlers) == set(incoming.message_types().values()) - NOT_OF_A_FEATURE


def test_features_are_there_by_name_and_in_order_each_once(labeler: Labeler) -> None:  # noqa: F811
    features = labeler._controller.features
    listed = list(features)
    assert all(isinstance(one, Feature) for one in listed)
    assert len({type(one) for one in listed}) == len(listed)
    assert listed[0] is features.choices
    assert {features.undo, features.saving, features.view3d} <= set(listed)
    assert all(one.context is labeler._controller for one in listed)


def test_no_feature_is_forgotten(labeler: Labeler) -> None:  # noqa: F811
    def below(kind: type[Feature]) -> set[type[Feature]]:
        return {kind for one in kind.__subclasses__() for kind in {one, *below(one)}}

    known = {kind for kind in below(Feature) if kind.__module__.startswith(features_package.__name__)}
    assert known == {type(one) for one in labeler._controller.features}


def test_rules_for_painting_are_known_before_a_draft_is_painted_or_saved(labeler: Labeler) -> None:  # noqa: F811
    order = [type(one).__name__ for one in labeler._controller.features]
    # An image that is opened has its rules before anything else looks at its draft.
    assert order.index("PaintSettings") < min(order.index(name) for name in ("Painting", "LabelOperations", "Saving"))
