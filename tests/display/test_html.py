"""Tables and facts: what comes from files is text, and no theme's colours are named."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from jlabel.display.html import cell_text, facts_html, table_html

EVIL = '<img src=x onerror="alert(1)">&'


def test_every_text_is_escaped() -> None:
    page = table_html(EVIL, [EVIL], [[EVIL], [[EVIL]], [{EVIL: EVIL}]]) + facts_html(EVIL, {EVIL: EVIL}, [EVIL])
    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;") == 10


def test_a_table_says_its_title_its_columns_and_its_values() -> None:
    page = table_html("Jobs", ["job", "done"], [["train", True], ["infer", False]])
    assert re.findall(r">([^<>]+)<", page) == ["Jobs", "job", "done", "train", "yes", "infer", "no"]


def test_a_long_table_says_how_many_rows_are_not_shown() -> None:
    page = table_html("Images", ["image"], [[f"case_{n}"] for n in range(1000)])
    assert page.count("<tr>") == 201
    assert "800 more are not shown" in page


def test_colours_are_those_of_the_notebook() -> None:
    page = table_html("a", ["b"], [["c"]]) + facts_html("a", {"b": "c"}, ["d"])
    assert not re.search(r"#[0-9a-f]{3,8}|rgb|background", page)
    assert set(re.findall(r"color:([^;\"]+)", page)) <= {
        "var(--jp-ui-font-color1,inherit)",
        "var(--jp-ui-font-color2,inherit)",
    }


def test_facts_without_a_value_are_left_out() -> None:
    page = facts_html("App", {"about": "", "device": "cpu", "labels": {}})
    assert re.findall(r">([^<>]+)<", page) == ["App", "device", "cpu"]


def test_values_as_text() -> None:
    east = timezone(timedelta(hours=2))
    assert cell_text(None) == ""
    assert cell_text(0.123456) == "0.1235"
    assert cell_text(datetime(2026, 11, 26, 12, 5, tzinfo=east)) == "2026-11-26 10:05 UTC"
    assert cell_text(datetime(2026, 11, 26, 10, 5, tzinfo=UTC)) == "2026-11-26 10:05 UTC"
    assert cell_text({"liver": 1, "spleen": 2}) == "liver: 1, spleen: 2"
    assert cell_text(list(range(20))).endswith("11 and 8 more")
