"""The events of a labeler, as callbacks hear them."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import threading

from jlabel.labeler.events import LabelSaved
from tests.widget.labeler_pages import labeler, manager, page, studies  # noqa: F401 - fixtures


def test_a_callback_that_fails_does_not_keep_the_others_from_hearing(labeler, caplog):
    def fail(event):
        raise RuntimeError("of the notebook")

    heard: list[LabelSaved] = []
    labeler.on("saved", fail)
    labeler.on("saved", heard.append)
    assert labeler.save() == "case_0"
    labeler.save()
    labeler._worker.flush()
    assert len(heard) == 2
    assert "RuntimeError: of the notebook" in caplog.text


def test_callbacks_are_called_on_one_thread_without_the_lock(labeler):
    threads: set[str] = set()

    def look(event):
        threads.add(threading.current_thread().name)
        # A labeler whose lock were held here would wait for ever.
        done = threading.Thread(target=lambda: labeler._controller.report_error("said by another thread"))
        done.start()
        done.join(10)
        assert not done.is_alive()
        threads.add("free")

    labeler.on("saved", look)
    labeler.on("opened", look)
    labeler.on("changed", look)
    labeler.edit("threshold", low=-1e9, high=1e9)
    labeler.save()
    labeler.open("case_1")
    labeler._worker.flush()
    assert threads == {"jlabel-observers", "free"}


def test_a_callback_may_go_on_to_the_next_image(labeler):
    opened = threading.Event()
    labeler.on("saved", lambda event: labeler.next())
    labeler.on("opened", lambda event: opened.set())
    labeler.save()
    assert opened.wait(20)
    assert labeler.image_id == "case_1"
