"""The author's lines of an exception: those of libraries are left out, the innermost are kept."""

from __future__ import annotations

import json
from collections.abc import Callable

import jlabel
from jlabel.tasks.author_lines import author_lines


def failing(call: Callable[[], object]) -> str:
    try:
        call()
    except Exception as error:
        return author_lines(error)
    raise AssertionError


def parse() -> object:
    return json.loads("{")


def deep(levels: int) -> object:
    return parse() if levels == 0 else deep(levels - 1)


def test_lines_of_python_and_of_jlabel_are_left_out() -> None:
    lines = failing(parse).strip().splitlines()
    assert [line.strip().partition(", in ")[2] for line in lines] == [
        "failing: call()",
        'parse: return json.loads("{")',
    ]
    assert len(failing(lambda: jlabel.read_image("nowhere.nii")).strip().splitlines()) == 2


def test_the_innermost_three_are_shown() -> None:
    shown = failing(lambda: deep(5)).strip().splitlines()
    assert len(shown) == 3
    assert shown[-1].endswith('parse: return json.loads("{")')
