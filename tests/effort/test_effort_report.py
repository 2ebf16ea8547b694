"""The report as a notebook shows it."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from datetime import timedelta
from importlib.util import find_spec

import pytest

from jlabel.display import table as table_module
from jlabel.effort import EffortReport, chart
from jlabel.effort.summary import PublishedVersion
from jlabel.errors import JlabelError
from tests.effort.logs import BEGIN, logged, project

VERSIONS = [PublishedVersion("liver", 1, BEGIN + timedelta(hours=25.5))]


@pytest.fixture
def report() -> EffortReport:
    return EffortReport(project(), VERSIONS)


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither pandas nor matplotlib is there."""
    monkeypatch.setattr(table_module, "find_spec", lambda name: None)
    monkeypatch.setattr(chart, "find_spec", lambda name: None)


def test_it_says_what_an_image_took(report: EffortReport) -> None:
    assert repr(report).splitlines() == [
        "4 images labelled in 4 min; median of an image: 60 s, 4 clicks, 0 strokes; 2 begun with a first mask",
        "  before liver 1: 2 images, median 100 s and 7 clicks",
        "  liver 1: 2 images, median 30 s and 1 clicks",
        "  without a first mask: 2 images, median 100 s and 7 clicks",
        "  liver 1: 2 images, median 30 s and 1 clicks",
    ]


def test_of_nothing_it_says_so() -> None:
    for on, said in ((True, ""), (False, "manager.log_effort = True")):
        nothing = EffortReport([], on=on)
        assert said in repr(nothing)
        assert "Nothing is logged yet" in nothing._repr_html_()
        assert list(nothing.table()) == list(nothing.table()[:0]) or len(nothing.table()) == 0


def test_tables_have_a_row_for_each(report: EffortReport, plain: None) -> None:
    images = report.table()
    assert [(row["image"], row["seconds"], row["clicks"], row["author"]) for row in images] == [
        ("a", 120, 8, "Ada, Bob"),
        ("b", 80, 6, "Bob"),
        ("c", 40, 2, "Ada"),
        ("d", 20, 0, None),
    ]
    assert images[2]["first_mask"] == "liver 1"
    assert [row["person"] for row in report.table("person")] == ["Ada", "Bob", "unknown"]
    assert [row["median_seconds"] for row in report.table("day")] == [90, 30, 20]
    assert [row["version"] for row in report.table("version")] == ["before liver 1", "liver 1"]
    assert [row["first_masks"] for row in report.table("first_mask")] == [0, 2]
    with pytest.raises(JlabelError, match="no table by 'week'; there are those by image, person"):
        report.table("week")  # type: ignore[arg-type]


@pytest.mark.skipif(find_spec("pandas") is None, reason="pandas is not installed")
def test_with_pandas_they_are_data_frames(report: EffortReport) -> None:
    assert list(report.table()["seconds"]) == [120, 80, 40, 20]


def test_a_notebook_shows_tables_and_a_drawing(report: EffortReport) -> None:
    shown = report._repr_html_()
    assert shown.count("<table") == 6
    assert "<svg" in shown
    assert "<script" not in shown
    assert "assumed" in shown


def test_names_are_text_and_nothing_else() -> None:
    evil = "<img src=x onerror=alert(1)>"
    versions = [PublishedVersion(evil, 1, BEGIN)]
    shown = EffortReport([logged(evil, 0, 3, evil)], versions)._repr_html_()
    assert "<img" not in shown
    assert "&lt;img" in shown


def test_without_matplotlib_the_drawing_is_svg(report: EffortReport, plain: None) -> None:
    drawn = ElementTree.fromstring(report.plot()._repr_svg_())
    circles = drawn.findall("{*}circle")
    assert len(circles) == 4
    assert [one.get("fill") == "none" for one in circles] == [True, True, False, False]
    texts = ["".join(one.itertext()) for one in drawn.findall("{*}text")]
    assert "liver 1" in texts
    heights = [float(one.get("cy") or 0) for one in circles]
    assert heights == sorted(heights), "more seconds are further up"


@pytest.mark.skipif(find_spec("matplotlib") is None, reason="matplotlib is not installed")
def test_with_matplotlib_it_is_a_figure(report: EffortReport) -> None:
    (axes,) = report.plot().axes
    assert [len(line.get_xdata()) for line in axes.lines[:3]] == [2, 2, 4]
    assert EffortReport([]).plot().axes


def test_many_images_make_a_drawing_that_a_page_can_hold(plain: None) -> None:
    many = [logged(str(n), n / 60, 50 + n % 7) for n in range(20_000)]
    text = chart.as_svg(EffortReport(many).images, [])
    assert len(text) < 100_000
    ElementTree.fromstring(text)


def test_the_seconds_model_is_fitted_where_there_is_enough(report: EffortReport) -> None:
    assert report.seconds_model.fitted == frozenset()
    rows = [logged(str(n), n, 5 + 4.0 * (n % 6), prompts={"click": n % 6}) for n in range(40)]
    assert "decision" in EffortReport(rows).seconds_model.fitted
    pixels = [replace(one, effort=replace(one.effort, unit="px", seconds=9e5)) for one in rows[:10]]
    assert EffortReport([*rows, *pixels]).seconds_model.labels == 40
