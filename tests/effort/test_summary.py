"""Medians by image, person, day and version."""

from __future__ import annotations

from datetime import timedelta

from jlabel.effort import FirstMask, summary
from jlabel.effort.summary import PublishedVersion
from tests.effort.logs import BEGIN, project


def test_an_image_is_all_its_labels_together() -> None:
    first, second, *_ = summary.by_image(project())
    assert (first.image_id, first.labels, first.seconds, first.clicks, first.strokes) == ("a", 2, 120, 8, 2)
    assert (first.stroke_length, first.authors) == (30.0, ("Ada", "Bob"))
    assert first.first_mask is None
    assert (second.image_id, second.prompts) == ("b", {"click": 6, "box": 1})


def test_who_worked_on_an_image_has_their_own_part_of_it() -> None:
    people = {one.name: (one.images, one.seconds, one.median_seconds) for one in summary.by_person(project())}
    assert people == {"Ada": (2, 140, 70), "Bob": (2, 100, 50), summary.NOBODY: (1, 20, 20)}


def test_days_are_those_of_utc() -> None:
    days = [(one.name, one.images, one.median_seconds) for one in summary.by_day(project())]
    assert days == [("2026-03-01", 2, 90), ("2026-03-02", 2, 30), ("2026-03-03", 1, 20)]


def test_before_and_after_each_version() -> None:
    versions = [
        PublishedVersion("liver", 2, BEGIN + timedelta(hours=40)),
        PublishedVersion("liver", 1, BEGIN + timedelta(hours=25.5)),
        PublishedVersion("click", 1, BEGIN + timedelta(hours=900)),
    ]
    found = [
        (one.name, one.images, one.median_seconds, one.first_masks) for one in summary.by_version(project(), versions)
    ]
    assert found == [
        ("before click 1", 4, 60, 2),
        ("before liver 1", 2, 100, 0),
        ("liver 1", 1, 40, 1),
        ("liver 2", 1, 20, 1),
    ]
    assert summary.by_version(project(), []) == []


def test_by_first_mask_an_image_counts_where_it_was_begun() -> None:
    found = {one.name: (one.images, one.median_seconds) for one in summary.by_first_mask(project())}
    assert found == {summary.WITHOUT: (2, 100), "liver 1": (2, 30)}
    assert summary.first_mask_name(FirstMask()) == "unknown"


def test_of_nothing_there_is_no_median() -> None:
    nothing = summary.summarize("nothing", [])
    assert (nothing.images, nothing.seconds, nothing.median_seconds, nothing.median_clicks) == (0, 0, None, None)
