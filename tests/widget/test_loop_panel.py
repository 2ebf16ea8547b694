"""The panel of a loop without a browser: what it tells a page, asks of the loop, and leaves in the notebook."""

from __future__ import annotations

import gc
import json
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jlabel.active_learning import PullReport, SendReport
from jlabel.errors import DatastoreError
from jlabel.widget import lifetime, loop_panel
from jlabel.widget.loop_actions import pulled_in_words, sent_in_words
from jlabel.widget.loop_panel import LoopPanel, show_loop
from tests.widget.known_state import as_sent
from tests.widget.loop_for_tests import LoopForTests, busy_loop, point, task


def until(true: Callable[[], bool], what: Callable[[], object] = lambda: "") -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, f"waited in vain; {what()}"
        time.sleep(0.02)


class PanelPage:
    """Stands for a page that shows the panel."""

    def __init__(self, panel: LoopPanel, monkeypatch: pytest.MonkeyPatch) -> None:
        self.heard: list[dict[str, Any]] = []
        self.panel = panel
        monkeypatch.setattr(panel, "send", lambda content, buffers=None: self.heard.append(as_sent(content)))

    def ask(self, kind: object) -> None:
        self.panel._on_message(self.panel, {"type": kind}, [])

    def told(self) -> dict[str, Any]:
        """What the page was told last."""
        return next((told for told in reversed(self.heard) if told["type"] == "loop"), {})

    def loop(self) -> dict[str, Any]:
        return self.told().get("loop") or {}

    def still(self) -> dict[str, str]:
        return next((told["data"] for told in reversed(self.heard) if told["type"] == "still"), {})

    def wait(self, true: Callable[[], bool]) -> None:
        until(true, lambda: f"heard: {self.heard[-3:]}")

    def do(self, action: str) -> dict[str, Any]:
        """What the page is told once an action has ended."""
        self.heard.clear()
        self.ask(action)
        self.wait(lambda: bool(self.told()) and self.told()["doing"] is None and self.panel.loop.asked[-1:] == [action])
        return self.told()


@pytest.fixture(autouse=True)
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_panel, "_SECONDS_BETWEEN_LOOKS", 0.05)


@pytest.fixture
def loop() -> LoopForTests:
    return LoopForTests()


@pytest.fixture
def panel(loop: LoopForTests) -> Iterator[LoopPanel]:
    panel = LoopPanel(loop)  # type: ignore[arg-type]
    yield panel
    loop.gate.set()
    panel.close()


@pytest.fixture
def page(panel: LoopPanel, monkeypatch: pytest.MonkeyPatch) -> PanelPage:
    page = PanelPage(panel, monkeypatch)
    page.ask("hello")
    page.wait(lambda: bool(page.still()))
    return page


def test_a_page_is_told_the_whole_loop(loop: LoopForTests, page: PanelPage) -> None:
    loop.now = busy_loop().now
    page.wait(lambda: page.loop().get("round") == 4)
    assert page.told() == {
        "type": "loop",
        "id": page.panel.model_id,
        "loop": json.loads(json.dumps(loop.now.to_json())),
        "doing": None,
        "said": "",
        "error": "",
    }
    assert page.loop()["tasks"][1]["people"] == ["Ada", "Ben", "Chiara de la Vega"]


def test_a_page_is_told_of_changes_alone(loop: LoopForTests, page: PanelPage) -> None:
    page.heard.clear()
    looks = loop.looks
    until(lambda: loop.looks > looks + 5)
    assert page.heard == []
    loop.change(labelled=1)
    page.wait(lambda: page.loop().get("labelled") == 1)
    assert [told["type"] for told in page.heard].count("loop") == 1


def test_a_reloaded_page_is_told_everything_again(loop: LoopForTests, page: PanelPage) -> None:
    known = page.told()
    page.heard.clear()
    page.ask("hello")
    page.wait(lambda: [told["type"] for told in page.heard] == ["loop", "still"])
    assert page.told() == known
    assert f'data-jlabel-loop="{known["id"]}"' in page.still()["text/html"]
    assert page.still()["text/plain"] == str(loop.now)


def test_a_page_that_was_not_heard_yet_is_told_again_and_again(
    panel: LoopPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = PanelPage(panel, monkeypatch)
    page.wait(lambda: len(page.heard) >= 2)
    assert page.heard[0] == page.heard[1]


def test_it_is_started_and_stopped(loop: LoopForTests, page: PanelPage) -> None:
    assert page.do("start")["loop"]["running"] is True
    loop.gate.clear()
    page.ask("stop")
    page.wait(lambda: page.told()["doing"] == {"action": "stop", "progress": None, "cancelled": False})
    assert page.loop()["running"] is True
    loop.gate.set()
    page.wait(lambda: page.loop()["running"] is False and page.told()["doing"] is None)
    assert loop.asked == ["start", "stop"]


def test_a_round_is_sent_and_fetched(loop: LoopForTests, page: PanelPage) -> None:
    loop.gate.clear()
    page.ask("send")
    page.wait(lambda: page.told()["doing"] == {"action": "send", "progress": 0.5, "cancelled": False})
    loop.gate.set()
    page.wait(lambda: page.told()["said"] == "Round 1 went out with 10 images.")
    assert page.loop()["out"] == 10
    told = page.do("pull")
    assert told["said"] == "10 new labels came back."
    assert told["loop"]["labelled"] == 10
    assert told["loop"]["tasks"][0]["state"] == "done"


def test_what_is_pressed_twice_is_done_once(loop: LoopForTests, page: PanelPage) -> None:
    loop.gate.clear()
    for action in ("send", "send", "pull"):
        page.ask(action)
    page.wait(lambda: page.told()["doing"] == {"action": "send", "progress": 0.5, "cancelled": False})
    loop.gate.set()
    page.wait(lambda: page.told()["doing"] is None)
    page.do("pull")
    assert loop.asked == ["send", "pull"]


def test_what_is_under_way_is_cancelled(loop: LoopForTests, page: PanelPage) -> None:
    loop.gate.clear()
    page.ask("pull")
    page.wait(lambda: loop.asked == ["pull"])
    page.ask("cancel")
    page.wait(lambda: page.told()["said"] == "It was cancelled; the next time goes on from there.")
    assert page.told()["doing"] is None


def test_each_action_is_answered_also_where_nothing_changes(loop: LoopForTests, page: PanelPage) -> None:
    loop.refuses = "https://cvat.example.org: it cannot be reached: is it up?"
    for _ in range(2):
        told = page.do("pull")
        assert told["error"] == loop.refuses
        loop.asked.clear()
    loop.refuses = ""
    assert page.do("pull")["error"] == ""


def test_what_nobody_has_foreseen_is_said_too(loop: LoopForTests, page: PanelPage, caplog) -> None:
    def fail(what: str, _: object) -> None:
        loop.asked.append(what)
        raise ZeroDivisionError("no pages")

    loop._ask = fail  # type: ignore[method-assign]
    assert page.do("start")["error"] == "something went wrong: ZeroDivisionError: no pages"
    assert "the panel of a loop failed" in caplog.text


def test_a_loop_that_cannot_be_read_is_said_with_what_was_known(
    loop: LoopForTests, page: PanelPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise DatastoreError("the catalogue is locked")

    monkeypatch.setattr(loop, "status", refuse)
    page.wait(lambda: page.told()["error"] == "how the loop stands cannot be read: the catalogue is locked")
    assert page.loop()["project"] == "liver"
    monkeypatch.undo()


def test_numbers_that_are_none_arrive_as_nothing(loop: LoopForTests, page: PanelPage) -> None:
    loop.change(curve=(point(1, float("nan"), True),))
    page.wait(lambda: bool(page.loop()["curve"]))
    assert page.loop()["curve"][0]["score"] is None


@pytest.mark.parametrize("ask", ["dance", None, ["send"]])
def test_a_message_that_it_does_not_know_is_noted(page: PanelPage, loop: LoopForTests, ask: object, caplog) -> None:
    page.ask(ask)
    page.panel._on_message(page.panel, ask, [])
    assert caplog.text.count("unknown message from the browser") == 2
    assert loop.asked == []


def test_the_still_text_has_the_state_and_no_markup_of_others(
    loop: LoopForTests, page: PanelPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop.change(tasks=(task(1, problems=("<b>bold</b>",)),), round=1)
    page.wait(lambda: bool(page.loop()["tasks"]))
    page.ask("hello")
    page.wait(lambda: "bold" in page.still()["text/plain"])
    assert "&lt;b&gt;bold&lt;/b&gt;" in page.still()["text/html"]
    assert "<b>bold" not in page.still()["text/html"]


def test_outside_of_a_notebook_there_is_no_panel(loop: LoopForTests) -> None:
    assert show_loop(loop) is False  # type: ignore[arg-type]


def test_a_closed_panel_looks_no_more_and_leaves_the_loop_alone(loop: LoopForTests, monkeypatch) -> None:
    panel = LoopPanel(loop)  # type: ignore[arg-type]
    page = PanelPage(panel, monkeypatch)
    page.do("start")
    panel.close()
    panel._worker.flush()
    looks = loop.looks
    panel._look_now()
    time.sleep(0.3)
    assert loop.looks == looks
    assert loop.running
    gone = weakref.ref(panel)
    monkeypatch.undo()
    del panel, page
    until(lambda: (gc.collect(), gone() is None)[1])


class Shell:
    """A notebook's shell as a panel that is shown sees it."""

    def __init__(self) -> None:
        self.kernel = object()
        self.display_pub = self
        self.published: list[tuple[dict[str, Any], bool]] = []

    def publish(self, data: dict[str, Any], *_: Any, update: bool = False, **__: Any) -> None:
        self.published.append((data, update))


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Shell:
    shell = Shell()
    monkeypatch.setattr(loop_panel.InteractiveShell, "initialized", classmethod(lambda _: True))
    monkeypatch.setattr(loop_panel.InteractiveShell, "instance", classmethod(lambda *_: shell))
    return shell


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Says which cell runs from now on, and for the how manieth time."""

    def run(cell: str, number: str) -> None:
        here = lifetime.CellRun(cell, number)
        monkeypatch.setattr(lifetime, "current_cell_run", lambda: here)
        monkeypatch.setattr(loop_panel, "current_cell_run", lambda: here)

    return run


def panel_of(loop: LoopForTests) -> LoopPanel:
    return loop_panel._panels[id(loop)]


def test_a_notebook_shows_the_panel_and_keeps_a_text_that_is_renewed(loop: LoopForTests, shell: Shell) -> None:
    assert show_loop(loop) is True  # type: ignore[arg-type]
    panel = panel_of(loop)
    (widget, _), (still, _) = shell.published[:2]
    assert widget["application/vnd.jupyter.widget-view+json"]["model_id"] == panel.model_id
    assert "next: the next round goes out" in still["text/plain"]
    loop.change(next_step="10 images are with the annotators")
    until(lambda: "10 images are with the annotators" in shell.published[-1][0]["text/html"])
    assert shell.published[-1][1]
    assert show_loop(loop) is True  # type: ignore[arg-type]
    assert panel_of(loop) is panel
    panel.close()


def test_a_cell_that_shows_another_loop_ends_the_panel_that_it_showed(shell: Shell, run) -> None:
    first, second, elsewhere = LoopForTests(), LoopForTests(), LoopForTests()
    run("a", "1")
    show_loop(first)  # type: ignore[arg-type]
    show_loop(elsewhere)  # type: ignore[arg-type]
    run("b", "2")
    show_loop(elsewhere)  # type: ignore[arg-type]
    panels = [panel_of(loop) for loop in (first, elsewhere)]
    run("a", "3")
    show_loop(second)  # type: ignore[arg-type]
    until(lambda: panels[0].comm is None)
    assert panels[1].comm is not None
    for panel in (panels[1], panel_of(second)):
        panel.close()


def test_reports_are_told_in_words() -> None:
    assert sent_in_words(SendReport(3, ["a"], [7])) == "Round 3 went out with 1 image."
    assert sent_in_words(SendReport(why_not="no image waits for a label")) == (
        "Nothing went out: no image waits for a label."
    )
    left_out = {f"case_{n}": "cannot be read" for n in range(7)}
    assert sent_in_words(SendReport(3, ["a", "b"], left_out=left_out)).endswith("case_4 (cannot be read) and 2 more.")
    assert pulled_in_words(PullReport()) == "No new label came back."
    report = PullReport(["a"], kept_both=["b"], problems={"job 7": "why"}, lost=[12])
    assert pulled_in_words(report) == (
        "1 new label came back. 1 image had been labelled here meanwhile: both labels are kept. Some labels could not "
        "be saved, see below. Task 12 is gone from the server: its images can go out again."
    )
    report = PullReport(tagged=["a", "b"], tags_kept={"c": "view is 'x' here and 'y' in CVAT"}, unknown_tags={"blurry"})
    assert pulled_in_words(report) == (
        "No new label came back. 2 images were tagged. Tagged here meanwhile, which stays: "
        "c (view is 'x' here and 'y' in CVAT). Frames are tagged 'blurry', of which no tag here has a class."
    )
