"""Going to the places where a person is needed."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

from tests.labeler.features.choosing import finder, manager, page, studies  # noqa: F401 - fixtures


def ask(page):
    page.ask("where_needed", client="page", epoch=page.state()["epoch"])


def gone_to(page):
    return [tuple(message["position"]) for message in page.told("go_to")]


def go(page):
    """Ask, and wait until the crosshair is sent somewhere."""
    before = len(gone_to(page))
    ask(page)
    page.wait(lambda: len(gone_to(page)) > before)
    page.wait(lambda: page.state()["busy"] is None)
    return gone_to(page)[-1], page.state()["notice"]


def test_the_least_sure_place_comes_first_then_the_next_and_round_again(page, finder):
    assert go(page) == ((9, 8, 6), "1 of 2: the border of a")
    assert go(page) == ((2, 2, 2), "2 of 2: no label is near")
    assert go(page) == ((9, 8, 6), "1 of 2: the border of a")
    assert finder.asked == ["case_0"]
    assert page.told("go_to")[0]["client"] == "page"


def test_the_places_stay_while_the_person_corrects_them(page):
    first = go(page)[0]
    page.stroke((1, 1, 1), (4, 4, 4), 2)
    assert go(page)[0] != first
    assert go(page)[0] == first


def test_another_image_begins_anew(page, finder):
    go(page)
    page.labeler.open("case_1")
    assert go(page)[1].startswith("1 of 2")
    assert finder.asked == ["case_0", "case_1"]


def test_it_takes_the_place_where_the_draft_differs_first(page):
    page.stroke((0, 0, 0), (5, 5, 5), 2)
    page.stroke((6, 0, 0), (12, 10, 8), 1, seq=2)
    place, said = go(page)
    assert (place, said) == ((2, 2, 2), "1 of 2: the border of b")


def test_it_is_shown_while_it_takes_time_and_can_be_given_up(page, finder):
    finder.gate.clear()
    ask(page)
    page.wait(lambda: page.state()["busy"] == "Looking where you are needed")
    ask(page)
    page.ask("cancel")
    page.wait(lambda: page.state()["busy"] is None)
    assert page.state()["notice"] == "Looking where you are needed was cancelled"
    finder.gate.set()
    assert go(page)[0] == (9, 8, 6)


def test_what_is_looked_for_in_one_image_is_not_shown_in_another(page, finder):
    finder.gate.clear()
    ask(page)
    page.wait(lambda: page.state()["busy"] == "Looking where you are needed")
    page.labeler.open("case_1")
    finder.gate.set()
    page.wait(lambda: page.state()["busy"] is None)
    assert gone_to(page) == []


def test_without_a_model_it_says_what_to_do_and_a_sure_one_needs_nobody(page, finder):
    finder.sure = True
    ask(page)
    page.wait(lambda: page.state()["notice"] == "finder is sure of this image everywhere")
    finder.ready = False
    page.labeler._controller.models_changed()
    ask(page)
    assert page.state()["notice"].startswith("There is no trained model yet")
    assert gone_to(page) == []


def test_what_was_asked_for_another_image_is_nothing(page, finder):
    page.ask("where_needed", client="page", epoch=99)
    assert finder.asked == []
    assert page.told("error") == []
