"""The traits of a labeler that notebooks observe and link."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable

import ipywidgets
import pytest
import traitlets

from jlabel.errors import JlabelError
from tests.widget.labeler_pages import labeler, manager, page, studies  # noqa: F401 - fixtures


def wait(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def changes(labeler, *names):
    """What observers of these traits hear: name, old and new value."""
    heard: list[tuple[str, object, object]] = []
    labeler.observe(lambda change: heard.append((change.name, change.old, change.new)), list(names))
    return heard


def test_what_was_there_from_the_beginning_is_no_change(labeler):
    heard = changes(labeler, "image_id", "label", "dirty", "counts", "tool")
    labeler._worker.flush()
    assert heard == []


def test_a_link_goes_both_ways(page, labeler):
    dropdown = ipywidgets.Dropdown(options=["a", "b"], value="b")
    ipywidgets.link((labeler, "label"), (dropdown, "value"))
    assert dropdown.value == "a"
    dropdown.value = "b"
    assert labeler.label == "b"
    page.ask("choose", what="label", value="a")
    wait(lambda: dropdown.value == "a")


def test_a_link_to_something_that_refuses_does_not_break_the_labeler(labeler, caplog):
    dropdown = ipywidgets.Dropdown(options=["a"], value="a")
    ipywidgets.link((labeler, "label"), (dropdown, "value"))
    heard = changes(labeler, "label")
    labeler.label = "b"
    assert (labeler.label, dropdown.value) == ("b", "a")
    assert heard == [("label", "a", "b")]
    assert "a callback of the labeler failed" in caplog.text


def test_an_observer_that_fails_disturbs_neither_the_others_nor_the_labeler(labeler, caplog):
    def fail(change):
        raise RuntimeError("of the notebook")

    labeler.observe(fail, "label")
    heard = changes(labeler, "label")
    labeler.label = "b"
    assert heard == [("label", "a", "b")]
    assert "RuntimeError: of the notebook" in caplog.text


def test_an_observer_may_set_another_trait(labeler):
    heard = changes(labeler, "label", "tool")
    labeler.observe(lambda change: setattr(labeler, "tool", "brush"), "label")
    labeler.label = "b"
    assert heard == [("label", "a", "b"), ("tool", "navigate", "brush")]


def test_observers_are_called_without_the_labelers_lock(page, labeler):
    free: list[bool] = []

    def look(change):
        def try_lock():
            taken = labeler._controller.lock.acquire(timeout=5)
            free.append(taken)
            if taken:
                labeler._controller.lock.release()

        other = threading.Thread(target=try_lock)
        other.start()
        other.join()

    labeler.observe(look, ["label", "image_id", "dirty"])
    page.ask("choose", what="label", value="b")
    labeler.edit("threshold", low=-1e9, high=1e9)
    wait(lambda: len(free) == 2)
    labeler.save()
    labeler.open("case_1")
    wait(lambda: len(free) == 4)
    assert all(free)


def test_an_observer_that_is_given_up_hears_no_more(labeler):
    heard: list[object] = []
    labeler.observe(heard.append, "label")
    labeler.unobserve(heard.append, "label")
    labeler.label = "b"
    assert heard == []


def test_holding_notifications_tells_the_last_value_once(labeler):
    heard = changes(labeler, "label")
    with labeler.hold_trait_notifications():
        labeler.label = "b"
        labeler.label = "a"
        labeler.label = "b"
    assert heard == [("label", "a", "b")]


def test_traits_are_read_by_the_page_for_links_in_the_browser(labeler):
    state = labeler.get_state()
    assert (state["image_id"], state["label"], state["tool"]) == ("case_0", "a", "navigate")
    assert state["progress"] == 1.0


def test_what_a_page_asks_by_a_link_and_is_refused_is_taken_back(labeler, monkeypatch):
    told: list[object] = []
    monkeypatch.setattr(labeler, "send_state", lambda key: told.append(key))
    with pytest.raises(JlabelError, match="no label 'lung'"):
        labeler.set_state({"label": "lung"})
    assert "label" in told


def test_closing_tells_that_no_image_is_open_and_ends_the_thread(labeler):
    heard = changes(labeler, "image_id")
    labeler.on("changed", lambda event: None)
    labeler.edit("threshold", low=-1e9, high=1e9)
    labeler.close()
    assert heard == [("image_id", "case_0", None)]
    thread = labeler._worker._thread
    wait(lambda: not thread.is_alive())


def test_a_labeler_that_nobody_refers_to_goes_also_where_it_is_observed(manager):
    labeler = manager.labeler("case_0")
    labeler.observe(lambda change, of=labeler: None, "label")
    labeler.on("changed", lambda event, of=labeler: None)
    labeler.edit("threshold", low=-1e9, high=1e9)
    labeler._worker.flush()
    gone = weakref.ref(labeler)
    del labeler
    gc.collect()
    assert gone() is None


def test_traits_of_its_own_go_on_to_work(labeler):
    heard = changes(labeler, "height")
    labeler.height = 700
    assert heard == [("height", 560, 700)]
    with pytest.raises(traitlets.TraitError):
        labeler.height = "tall"
