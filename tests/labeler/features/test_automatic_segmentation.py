"""A model that takes no prompts runs on the whole image."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import numpy as np

from tests.widget.labeler_pages import labeler, manager, page, studies  # noqa: F401 - fixtures


def test_an_automatic_model_runs_on_the_whole_image_as_one_step(page, labeler, manager):
    labeler.model = "auto"
    page.ask("run", epoch=1, axis=2)
    page.wait(lambda: labeler.mask.any())
    np.testing.assert_array_equal(labeler.mask, manager.image("case_0").array > 50)
    labeler.undo()
    assert not labeler.mask.any()


def test_the_draft_is_said_to_be_made_by_the_model(page, labeler):
    labeler.model = "auto"
    page.ask("run", epoch=1, axis=2)
    page.wait(lambda: page.state()["madeBy"] == ["auto"])
    assert labeler._controller.require_image().first_mask == "auto"


def test_a_first_mask_is_none_where_the_person_has_begun(page, labeler):
    page.stroke((0, 0, 0), (2, 2, 2), 2)
    labeler.model = "auto"
    page.ask("run", epoch=1, axis=2)
    page.wait(lambda: page.state()["madeBy"] == ["auto"])
    assert labeler._controller.require_image().first_mask is None
