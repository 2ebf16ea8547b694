"""Messages of pages that come late, or for another image."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from jlabel.labeler.protocol import draft_messages, message, navigation_messages, prompt_messages, team_messages
from jlabel.labeler.protocol.image_messages import Pull
from jlabel.labeler.protocol.message import ForImage
from jlabel.widget import Labeler
from tests.widget.labeler_pages import Page, labeler, manager, page, studies  # noqa: F401 - fixtures

FOR_IMAGE: dict[type[message.Incoming], tuple[dict[str, Any], str]] = {
    draft_messages.Stroke: ({"client": "p", "seq": 1, "region": [0, 0, 0, 1, 1, 1], "value": 1}, "a stroke"),
    prompt_messages.AddPrompt: ({"prompt": {"kind": "click", "label": ""}, "axis": 0}, "a prompt"),
    prompt_messages.ChangePrompt: ({"id": "p", "prompt": {"kind": "click", "label": ""}}, "a moved prompt"),
    prompt_messages.RemovePrompt: ({"id": "p"}, "a removed prompt"),
    prompt_messages.ClearPrompts: ({}, "clearing the prompts"),
    prompt_messages.Run: ({"axis": 0}, "run"),
    draft_messages.Undo: ({}, "undo"),
    draft_messages.Redo: ({}, "redo"),
    draft_messages.Save: ({}, "save"),
    draft_messages.FitLabel: ({}, "fitting the saved label"),
    prompt_messages.LookFurther: ({}, "looking further"),
    navigation_messages.Next: ({}, "next"),
    navigation_messages.Previous: ({}, "previous"),
    navigation_messages.Skip: ({}, "skip"),
    navigation_messages.StartReview: ({}, "the review"),
    navigation_messages.LooksRight: ({}, "“Looks right”"),
    team_messages.TakeOverImage: ({}, "taking the image over"),
    team_messages.ReleaseImage: ({}, "giving the image back"),
    team_messages.AcceptLabel: ({}, "“Accept”"),
    team_messages.SendLabelBack: ({"comment": "more"}, "“Send back”"),
    team_messages.NoteImage: ({"text": "dark"}, "a note"),
}


@pytest.mark.parametrize("kind", FOR_IMAGE, ids=lambda kind: kind.__name__)
def test_what_is_meant_for_another_image_is_refused_in_words(page: Page, labeler: Labeler, kind: Any) -> None:
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    before, position = labeler.mask, labeler._controller.require_image().draft.history.position
    content, what = FOR_IMAGE[kind]
    page.ask(kind.__struct_config__.tag, **{**content, "seq": 2, "client": "page", "epoch": 77})
    labeler._controller.flush()
    assert page.told("error")[-1]["text"] == f"{what} came after another image was opened; it was not kept"
    # It is handled all the same: a page does not send it again and again.
    assert page.told("ack")[-1] == {"type": "ack", "client": "page", "seq": 2}
    np.testing.assert_array_equal(labeler.mask, before)
    assert labeler._controller.require_image().draft.history.position == position
    assert labeler.image_id == "case_0"


def test_every_message_that_changes_an_image_is_for_that_image() -> None:
    assert set(ForImage.__subclasses__()) <= set(FOR_IMAGE)


def test_what_names_no_image_is_for_the_one_that_is_open(page: Page, labeler: Labeler) -> None:
    page.stroke((0, 0, 0), (2, 2, 2), 1)
    labeler.save()
    labeler.open("case_1")
    page.stroke((0, 0, 0), (2, 2, 2), 1, seq=2)
    page.ask("undo")
    assert not labeler.mask.any()
    assert page.told("error") == []


def test_a_page_pulls_what_is_left_and_other_images_have_nothing_for_it(page: Page) -> None:
    [stream] = page.told("stream")
    ask = {"client": "page", "stream": stream["stream"], "count": 99}
    page.ask("pull", epoch=2, **ask)
    assert page.told("piece") == []
    page.ask("pull", epoch=1, **ask)
    page.ask("pull", epoch=1, **ask)
    assert len(page.told("piece")) == stream["pieces"]


def test_no_page_gets_more_than_sixteen_pieces_at_a_time(page: Page, labeler: Labeler) -> None:
    opened = labeler._controller.require_image()
    pieces = opened.voxels.pieces * 40
    opened.voxels.pieces = pieces
    stream = opened.stream_to("page")
    labeler._controller.messages.pull(Pull(client="page", epoch=1, stream=stream.stream, count=1000))
    assert len(page.told("piece")) == 16
