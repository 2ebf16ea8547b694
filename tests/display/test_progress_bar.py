"""Bars: where somebody watches, and else nothing at all."""

from __future__ import annotations

import sys

import pytest

from jlabel.display import progress_bar
from jlabel.display.progress_bar import bar, shown_progress, somebody_watches
from jlabel.progress import Progress


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_bar, "somebody_watches", lambda: True)


def test_nobody_watches_a_script_whose_output_goes_to_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert not somebody_watches()
    for _ in bar("Reading", unit="image", delay=0, iterable=range(3)):
        pass
    with shown_progress("Changing") as progress:
        progress.report(0.5)
    assert capsys.readouterr() == ("", "")


def test_somebody_watches_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert somebody_watches()


@pytest.mark.usefixtures("watched")
def test_a_bar_says_what_is_going_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(bar("Reading", unit="image", delay=0, iterable=range(3))) == [0, 1, 2]
    said = capsys.readouterr().err
    assert "Reading" in said
    assert "3/3" in said


@pytest.mark.usefixtures("watched")
def test_work_reports_to_the_bar_where_the_caller_gives_nothing() -> None:
    with shown_progress("Changing") as progress:
        progress.report(0.25)
        progress.report(1.0)
    heard: list[float] = []
    given = Progress(heard.append)
    with shown_progress("Changing", given) as progress:
        assert progress is given
