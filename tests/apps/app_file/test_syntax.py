"""Every part of MONAI's configuration syntax in an app file, as docs/how-to/app-config.md lists them."""

from __future__ import annotations

import collections
import io
import pickle
import random
from functools import partial
from pathlib import Path
from typing import Any

import cloudpickle
import pytest

from jlabel.apps.app_file.app_file import AppFile
from tests.apps.app_file.conftest import Write

VALUES = """
    patch: {size: [96, 96, 64], spacing: 1.5}
"""


def _value(file: Path, id: str = "got", **overrides: Any) -> Any:
    return AppFile(file, overrides).evaluated(id)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("'@patch::spacing'", 1.5),
        ("'@patch#spacing'", 1.5),
        ("'@patch::size'", [96, 96, 64]),
        ("'@patch::size::2'", 64),
        ("'@patch#size#0'", 96),
        ("$@patch::size[0] // 2", 48),
        ("'$@patch#spacing * 2'", 3.0),
        ("$sum(@patch::size)", 256),
        ("'$(lambda x: x + 1)(@patch::spacing)'", 2.5),
        ("'$np.float32(@patch::spacing).item()'", 1.5),
        ("$jlabel.Click((1, 2, 3)).position", (1, 2, 3)),
    ],
)
def test_references_and_expressions(said: str, meant: Any, write: Write) -> None:
    assert _value(write(f"{VALUES}\n    got: {said}")) == meant


def test_a_reference_gives_the_same_object_and_not_another_one(write: Write) -> None:
    file = AppFile(write("shared: {_target_: collections.Counter}\ngot: ['@shared', {again: '@shared'}]"))
    first, second = file.evaluated("got")
    assert first is second["again"] is file.evaluated("shared")


def test_relative_references_count_levels_from_where_they_stand(write: Write) -> None:
    file = write("""
        a: 1
        b:
          beside: '@#here'
          here: 2
          above: '@##a'
          list: [5, '@#0', '@##here', '@###a']
        c: {d: {e: '$@###a + @##f'}, f: 10}
    """)
    assert _value(file, "b") == {"beside": 2, "here": 2, "above": 1, "list": [5, 5, 2, 1]}
    assert _value(file, "c::d::e") == 11


def test_an_import_is_there_for_every_expression_also_for_one_above_it(write: Write) -> None:
    file = write("""
        got: $posixpath.join('a', 'b') + stem('c/d.e')
        imports: [$import posixpath, $from posixpath import basename as stem]
    """)
    assert _value(file) == "a/bd.e"


def test_a_lambda_is_a_function(write: Write) -> None:
    double = _value(write("factor: 2\ngot: '$lambda x: x * @factor'"))
    assert double(21) == 42


def test_a_function_can_be_handed_to_another_process_with_what_it_refers_to(write: Write) -> None:
    file = AppFile(
        write("""
            imports: $import math
            factor: {_target_: fractions.Fraction, numerator: 3}
            lock: $__import__('threading').Lock()
            inner: {value: 5}
            got: '$lambda x: math.floor(x * @factor) + @inner::value'
        """)
    )
    assert file.evaluated("lock") is not None
    assert pickle.loads(cloudpickle.dumps(file.evaluated("got")))(1.5) == 9


def test_a_macro_is_a_copy_of_what_the_file_says(write: Write) -> None:
    file = write("original: {a: [1, 2]}\ngot: '%original::a'\nindexed: '%original#a#1'")
    read = AppFile(file)
    assert read.evaluated("got") == [1, 2]
    assert read.evaluated("got") is not read.evaluated("original")["a"]
    assert read.evaluated("indexed") == 2


@pytest.mark.parametrize("name", ["more.json", "sub folder/möre.json", "sub/more.yaml"])
@pytest.mark.parametrize("separator", ["::", "#"])
def test_a_macro_of_another_file_counts_from_the_folder_of_the_file_that_says_it(
    name: str, separator: str, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name.endswith("json"):
        write({"a": {"b": [7, 8]}}, name)
    else:
        write("a: {b: [7, 8]}", name)
    monkeypatch.chdir("/")
    assert _value(write({"got": f"%{name}{separator}a{separator}b", "whole": f"%{name}"})) == [7, 8]
    assert _value(write({"got": f"%./{name}{separator}a{separator}b{separator}1"})) == 8
    assert _value(write({"got": f"%{name}"})) == {"a": {"b": [7, 8]}}


def test_a_target_is_called_with_the_other_keys(write: Write) -> None:
    file = write("base: 16\ngot: {_target_: fractions.Fraction, numerator: '@base', denominator: $2 * 4}")
    assert _value(file) == 2


def test_a_target_without_dots_is_one_of_monai(write: Write) -> None:
    inferer = _value(write("got: {_target_: SlidingWindowInferer, roi_size: [32, 32, 32], overlap: 0.25}"))
    assert (type(inferer).__name__, inferer.overlap) == ("SlidingWindowInferer", 0.25)


def test_a_target_may_be_an_expression(write: Write) -> None:
    assert _value(write("which: $dict\ngot: {_target_: '$@which', a: 1}")) == {"a": 1}
    assert _value(write("text: {_target_: io.StringIO, initial_value: abc}\ngot: {_target_: $@text.getvalue}")) == "abc"


def test_what_is_required_is_evaluated_before(write: Write) -> None:
    file = AppFile(
        write("""
            log: []
            first: {_target_: operator.iadd, _mode_: callable}
            seed: $@log.append('seed')
            got:
              _target_: builtins.list
              _requires_: ['@seed', "$@log.append('also')"]
              _desc_: needs the seed
        """)
    )
    assert file.evaluated("got") == []
    assert file.evaluated("log") == ["seed", "also"]


@pytest.mark.parametrize("disabled", [True, "true", "$not @wanted", "$@network is None", "@unwanted"])
def test_what_is_disabled_is_left_out(disabled: Any, write: Write) -> None:
    component = {"_target_": "builtins.int", "_disabled_": disabled}
    names = {"wanted": False, "unwanted": True, "network": None}
    file = AppFile(write({**names, "got": [1, component], "by name": {"a": 1, "b": component}, "alone": component}))
    assert file.evaluated("got") == [1]
    assert file.evaluated("by name") == {"a": 1}
    assert file.evaluated("alone") is None


@pytest.mark.parametrize("disabled", [False, "false", "$not @wanted", "@unwanted"])
def test_what_is_not_disabled_is_there(disabled: Any, write: Write) -> None:
    component = {"_target_": "builtins.int", "_disabled_": disabled}
    assert _value(write({"wanted": True, "unwanted": False, "got": [1, component]})) == [1, 0]


def test_a_description_is_no_argument(write: Write) -> None:
    assert _value(write("got: {_target_: builtins.dict, _desc_: for readers, a: 1}")) == {"a": 1}


def test_modes(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write("""
        default: {_target_: builtins.dict, _mode_: default, a: 1}
        function: {_target_: builtins.dict, _mode_: callable}
        partial: {_target_: builtins.dict, _mode_: callable, a: 1}
        debug: {_target_: random.Random, _mode_: debug}
    """)
    read = AppFile(file)
    assert read.evaluated("default") == {"a": 1}
    assert read.evaluated("function") is dict
    assert isinstance(read.evaluated("partial"), partial)
    assert read.evaluated("partial")(b=2) == {"a": 1, "b": 2}
    monkeypatch.setattr("sys.stdin", io.StringIO("c\n" * 9))  # the debugger is told to go on
    assert isinstance(read.evaluated("debug"), random.Random)


def test_json_and_yaml_say_the_same(write: Write) -> None:
    content = {"labels": {"liver": 1}, "size": [1, 2.5, None, True], "got": {"_target_": "builtins.dict", "a": "@size"}}
    text = """
        labels: {liver: 1}
        size: [1, 2.5, null, true]
        got: {_target_: builtins.dict, a: '@size'}
    """
    assert (
        _value(write(content)) == _value(write(text)) == _value(write(text, "app.yml")) == {"a": [1, 2.5, None, True]}
    )


def test_overrides_come_before_anything_is_evaluated(write: Write) -> None:
    file = write("""
        net: {channels: [16, 32], name: a}
        got: {_target_: builtins.dict, channels: '@net::channels', last: '$@net::channels[-1]'}
    """)
    assert _value(file, **{"net#channels": [4, 8]}) == {"channels": [4, 8], "last": 8}
    assert _value(file, **{"net::channels::1": 64})["last"] == 64
    assert _value(file, **{"got#more": "$@net#name * 2"})["more"] == "aa"
    assert _value(file, **{"got#_disabled_": True}) is None
    assert _value(file, **{"added": 5, "got#last": "@added"})["last"] == 5


def test_an_override_may_be_a_macro_or_an_object(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write("net: {channels: [16, 32]}\ngot: '@net::channels'")
    write({"small": {"channels": [1]}}, "elsewhere/other.json")
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert _value(file, net="%other.json::small") == [1]
    function = collections.Counter
    assert _value(file, **{"net::channels": function}) is function


def test_files_are_merged_in_order(write: Write) -> None:
    first = write("a: 1\nb: {c: 2, d: 3}\ne: [1]\ngot: ['@a', '@b', '@e']")
    second = write({"a": 10, "b#c": 20, "+e": [2], "+b": {"f": 4}}, "second.json")
    third = write("b::c: 30", "third.yaml")
    assert AppFile(first).evaluated("got") == [1, {"c": 2, "d": 3}, [1]]
    assert AppFile([first, second]).evaluated("got") == [10, {"c": 20, "d": 3, "f": 4}, [1, 2]]
    assert AppFile([first, second, third]).evaluated("got")[1]["c"] == 30


def test_each_file_counts_its_macros_from_its_own_folder_and_the_root_is_the_first_ones(write: Write) -> None:
    write({"x": 1}, "one/data.json")
    write({"x": 2}, "two/data.json")
    first = write("a: '%data.json::x'", "one/app.yaml")
    second = write("b: '%data.json::x'\ngot: ['@a', '@b', '@app_root']", "two/app.yaml")
    assert AppFile([first, second]).evaluated("got") == [1, 2, str(first.parent)]


def test_everything_is_evaluated_once_and_only_what_is_asked_for(write: Write) -> None:
    file = AppFile(
        write("""
            log: []
            a: $@log.append('a') or 1
            b: $@log.append('b') or @a + 1
            c: ['@a', '@b', '@a']
            got: ['@c', '@b']
            never: $@log.append('never')
        """)
    )
    assert file.evaluated("got") == [[1, 2, 1], 2]
    assert file.evaluated("c") == [1, 2, 1]
    assert file.evaluated("log") == ["a", "b"]


def test_a_text_stays_as_it_is_written(write: Write) -> None:
    file = write("""
        got: ['#e69f00', 'a#b', 'mail@example.org', '50 %', 'costs $5', 'a::b']
        structure: {_target_: jlabel.Label, name: liver, value: 1, color: '#e69f00'}
    """)
    assert _value(file) == ["#e69f00", "a#b", "mail@example.org", "50 %", "costs $5", "a::b"]
    assert _value(file, "structure").color == "#e69f00"
