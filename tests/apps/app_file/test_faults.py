"""Mistakes in app files: one error that names file, line and item, and says what was expected."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import jlabel
from jlabel.apps.app_file.source_files import MOST_BYTES
from tests.apps.app_file.conftest import Write

CLICK = "{_target_: jlabel.ClassicClickSegment}"


def _error(files: Path | Sequence[Path], studies: Path, overrides: dict[str, Any] | None = None) -> jlabel.ConfigError:
    with pytest.raises(jlabel.ConfigError) as raised:
        jlabel.app_from_config(files, studies, overrides)
    return raised.value


@pytest.mark.parametrize(
    ("text", "line", "id", "said"),
    [
        ("infer: {x: 1}", 2, "infer", "did you mean 'infers'?"),
        ("strategie: {x: 1}", 2, "strategie", "did you mean 'strategies'?"),
        ("bundles: [nowhere]", 2, "bundles::0", "there is no folder"),
        ("bundles: [5]", 2, "bundles::0", "expected a folder as a text"),
        ("bundles: $5", 2, "bundles", "expected a list of folders, not 5"),
        ("bundles: $[5]", 2, "bundles::0", "expected a folder, not 5"),
        ("bundles: .", 2, "bundles", "expected a list of folders of MONAI bundles"),
        ("tags: [view]", 2, "tags", "expected a mapping of names to lists of classes, not ['view']"),
        (
            "tags: {view: inside}",
            2,
            "tags::view",
            "expected a list of classes, an expression, or classes with several: true where an image may have more "
            "than one, not 'inside'",
        ),
        ("tags: {view: [inside]}", 2, "tags", "'view' needs at least two classes"),
        ("tags: $[5]", 2, "tags", "expected a mapping of names to lists of classes, not [5]"),
        ("trainer: {x: 1}\nx: '@trainers'", 2, "trainer", "did you mean 'trainers'?"),
        (
            "infers:\n  one: '@ones'\nonce: 1",
            3,
            "infers::one",
            "@ones refers to nothing: did you mean 'once'?",
        ),
        ("infers:\n  one: '$@nothing + 1'", 3, "infers::one", "@nothing refers to nothing"),
        (
            "infers:\n  one: {_target_: builtins.dict, a: {b: '@#c'}}",
            3,
            "infers::one::a::b",
            "@infers::one::a::c",
        ),
        ("a: '@b'\nb: $@c\nc: '@a'\nlabels: '@a'", 3, "c", "references go in a circle: a → b → c → a"),
        (
            "infers:\n  one: {_target_: jlabel.Segmentaton}",
            3,
            "infers::one",
            "did you mean 'Segmentation'?",
        ),
        (
            "infers:\n  one: {_target_: no_such.Thing}",
            3,
            "infers::one",
            "is the package no_such installed?",
        ),
        (
            "x: {_target_: SlidingWindowInfrer}\ninfers: '@x'",
            2,
            "x",
            "did you mean 'SlidingWindowInferer'?",
        ),
        (
            "infers:\n  one:\n    _target_: jlabel.ClassicClickSegment\n    label: [a]",
            3,
            "infers::one",
            "jlabel.ClassicClickSegment takes no 'label': did you mean 'labels'?",
        ),
        ("infers: {one: {_target_: jlabel.Segmentation}}", 2, "infers::one", "'published'"),
        ("infers:\n  one: $1 / 0", 3, "infers::one", "ZeroDivisionError"),
        ("infers:\n  one: $1 +", 3, "infers::one", "SyntaxError"),
        ("x: $import\ninfers: {}", 2, "x", "SyntaxError"),
        ("infers:\n  one: text", 3, "infers::one", "expected _target_ with arguments"),
        ("infers:\n  one: {low: 1}", 3, "infers::one", "expected _target_ with arguments"),
        ("infers: [1, 2]", 2, "infers", "expected a mapping of names to infer tasks, not [1, 2]"),
        ("infers: $[1]", 2, "infers", "expected a mapping of names to an infer task"),
        ("infers:\n  one: {_target_: jlabel.First}", 3, "infers::one", "expected an infer task"),
        (
            "infers:\n  one: $jlabel.ClassicClickSegment",
            3,
            "infers::one",
            "a class: give it as '_target_'",
        ),
        (f"trainers:\n  one: {CLICK}", 3, "trainers::one", "expected a train task"),
        (f"strategies:\n  one: {CLICK}", 3, "strategies::one", "expected a strategy"),
        (f"scoring_methods:\n  one: {CLICK}", 3, "scoring_methods::one", "expected a scoring method"),
        (f"datastore: {CLICK}", 2, "datastore", "expected a datastore"),
        (
            "infers:\n  one:\n    _target_: jlabel.First\n    _mode_: call",
            5,
            "infers::one::_mode_",
            "callable",
        ),
        ("labels: liver", 1, "labels", "expected a list of names, or a mapping of names to values, not 'liver'"),
        ("labels: [a, a]", 1, "labels", "given twice: a"),
        ("labels: {a: one}", 1, "labels::a", "a whole number"),
        ("labels: $5", 1, "labels", "expected a list of names"),
        ("name: [x]\nlabels: [a]", 1, "name", "expected a text"),
        ("app: jlabel.RadiologieApp", 2, "app", "did you mean 'RadiologyApp'?"),
        ("app: jlabel.Segmentation", 2, "app", "expected a class of apps"),
        ("app: {_target_: jlabel.RadiologyApp, deepgrow: x}", 2, "app", "deepgrow"),
        ("infers: {x: '@app'}", 2, "infers::x", "@app is not there yet"),
        ("labels: '@datastore'", 1, "labels", "@datastore is not there yet: it is once the app has its datastore"),
        ("infers:\n  x: '%nowhere.json::a'", 3, "infers::x", "which is not there"),
        ("infers:\n  x: '%nowhere::a'", 3, "infers::x", "nowhere"),
        ("infers:\n  x: '@#####y'", 3, "infers::x", "out of the range"),
        ("1: b", None, "", "keys are texts, and 1 is none"),
        ('labels: ["a\\0b"]', 1, "labels", "a character that nobody sees"),
        ('infers: {x: "$1\\0"}', 2, "infers::x", "null byte"),
    ],
)
def test_a_mistake_is_named(text: str, line: int | None, id: str, said: str, write: Write, studies: Path) -> None:
    file = write(text if "labels:" in text else f"labels: [a]\n{text}")
    error = _error(file, studies)
    assert said in error.reason
    assert error.id == id
    assert error.line == line
    if error.file is not None:
        assert str(error).startswith(str(file) + ("" if line is None else f", line {line}") + ": ")


@pytest.mark.parametrize(
    ("text", "name", "line", "said"),
    [
        ('{"labels": ["a"],\n "infers": }', "app.json", 2, "is no valid JSON"),
        ('{"labels": ["a"]', "app.json", 1, "is no valid JSON"),
        ("labels: [a\ninfers: {}", "app.yaml", 2, "is no valid YAML"),
        ("labels: @names", "app.yaml", 1, "go in quotes"),
        ("labels: [a]\nlabels: [b]", "app.yaml", 1, "says 'labels' twice"),
        ('{"labels": ["a"],\n "labels": ["b"]}', "app.json", 1, "says 'labels' twice"),
        ("- a\n- b", "app.yaml", None, "an app file is a mapping"),
        ("[1, 2]", "app.json", None, "an app file is a mapping"),
        ("", "app.yaml", None, "is empty"),
        ("a: !!python/object/apply:os.system [true]", "app.yaml", 1, "is no valid YAML"),
        ("a: &a {x: 1}\nb: {<<: *a}", "app.yaml", 2, "takes no merge key"),
        ("a: \0", "app.yaml", None, "cannot be read"),
        ("!!int : b", "app.yaml", None, "cannot be read"),
        ("a: 1", "app.txt", None, "named .yaml, .yml or .json"),
        ("a: 1", "app", None, "named .yaml, .yml or .json"),
    ],
)
def test_a_file_that_is_none(text: str, name: str, line: int | None, said: str, write: Write, studies: Path) -> None:
    file = write(text, name)
    error = _error(file, studies)
    assert said in error.reason
    assert (error.file, error.line) == (file, line)


def test_a_file_that_is_not_there_or_a_folder(studies: Path, tmp_path: Path) -> None:
    assert "does not exist" in _error(tmp_path / "none.yaml", studies).reason
    (tmp_path / "folder.yaml").mkdir()
    assert "is a folder" in _error(tmp_path / "folder.yaml", studies).reason
    assert "does not exist" in _error(tmp_path / "a\0b.yaml", studies).reason
    assert "no app file was named" in _error([], studies).reason
    assert "not from a mapping" in _error({"labels": ["a"]}, studies).reason  # type: ignore[arg-type]


def test_a_file_that_is_no_text(write: Write, studies: Path) -> None:
    file = write("x", "app.yaml")
    file.write_bytes(b"labels: [\xff\xfe]")
    assert "UTF-8" in _error(file, studies).reason


def test_a_file_of_ten_megabytes_is_refused_before_it_is_read(write: Write, studies: Path) -> None:
    file = write({"labels": ["a"], "data": ["x" * 1000] * 10_000})
    assert file.stat().st_size > 10_000_000
    assert "may have 1 MiB" in _error(file, studies).reason


def test_the_largest_file_is_read(write: Write, studies: Path) -> None:
    content = {"labels": ["a"], "data": "x" * (MOST_BYTES - 100)}
    assert jlabel.app_from_config(write(content), studies).labels[0].name == "a"


@pytest.mark.parametrize("depth", [60, 5_000, 100_000])
@pytest.mark.parametrize("name", ["app.json", "app.yaml"])
def test_a_file_that_is_nested_too_deeply(depth: int, name: str, write: Write, studies: Path) -> None:
    file = write(f'{{"a": {"[" * depth}{"]" * depth}}}', name)
    assert "nested deeper than 50 levels" in _error(file, studies).reason


@pytest.mark.parametrize(
    ("content", "said", "line"),
    [
        ('{"a": 1,\n "b": }', "is no valid JSON", 2),
        ('{"a": ' + "[" * 60 + "]" * 60 + "}", "nested deeper than 50 levels", None),
        ('{"a": "' + "x" * (2 << 20) + '"}', "may have 1 MiB", None),
    ],
)
def test_the_file_of_a_macro_is_held_to_the_same(
    content: str, said: str, line: int | None, write: Write, studies: Path
) -> None:
    other = write(content, "other.json")
    error = _error(write("labels: '%other.json::a'"), studies)
    assert said in error.reason
    assert (error.file, error.line) == (other, line)


def test_what_the_file_of_a_macro_does_not_have(write: Write, studies: Path) -> None:
    write({"organs": ["liver"]}, "other.json")
    file = write("\nlabels: '%other.json::organ'")
    error = _error(file, studies)
    assert "other.json has no organ: did you mean 'organs'?" in error.reason
    assert (error.file, error.line, error.id) == (file, 2, "labels")


def test_anchors_that_multiply(write: Write, studies: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    assert "holds more than 100,000 items" in _error(write("\n".join(lines)), studies).reason
    assert "nested deeper" in _error(write("a: &a [*a]"), studies).reason


def test_an_item_of_several_files_is_told_where_it_was_said_last(write: Write, studies: Path) -> None:
    first = write("labels: [a]\ninfers:\n  one: {_target_: jlabel.ClassicClickSegment}")
    second = write({"infers#one#labell": 3}, "second.json")
    error = _error([first, second], studies)
    assert (error.file, error.line, error.id) == (first, 3, "infers::one")
    third = write("\n\ninfers#one: '@none'", "third.yaml")
    error = _error([first, third], studies)
    assert (error.file, error.line, error.id) == (third, 3, "infers::one")


@pytest.mark.parametrize("key", ["infers#two#low", "infer#one", "labels#7", "name#x"])
def test_a_second_file_that_leads_nowhere(key: str, write: Write, studies: Path) -> None:
    first = write(f"labels: [a]\nname: b\ninfers: {{one: {CLICK}}}")
    second = write(f"'{key}': 1", "second.yaml")
    error = _error([first, second], studies)
    assert (error.file, error.line) == (second, 1)
    assert error.id == key.replace("#", "::")


@pytest.mark.parametrize(
    ("id", "value", "said"),
    [
        ("infers#won#device", 1, "there is no infers::won: did you mean 'one'?"),
        ("labels#5", "b", "labels has 1 items, none of number 5"),
        ("infers#one", "@nobody", "@nobody refers to nothing"),
        ("infers#one#speed", 3, "takes no 'speed'"),
        ("infers#one", 5, "expected an infer task (jlabel.InferTask), not 5"),
        ("infers#one", "%none.json", "which is not there"),
        ("infer", {}, "overrides nothing: did you mean 'infers'?"),
    ],
)
def test_a_mistake_in_an_override(id: str, value: Any, said: str, write: Write, studies: Path) -> None:
    error = _error(write(f"labels: [a]\ninfers: {{one: {CLICK}}}"), studies, {id: value})
    assert said in error.reason
    assert error.id in (id.replace("#", "::"), "infers::one")


def test_without_studies_it_says_how_to_name_them(write: Write) -> None:
    with pytest.raises(jlabel.ConfigError, match="give studies=, or write studies: folder"):
        jlabel.app_from_config(write("labels: [a]"))


def test_without_labels_it_says_how_to_name_them(write: Write, studies: Path) -> None:
    assert "an app needs labels: write labels: [liver, spleen], or bundles" in _error(write("name: x"), studies).reason


def test_the_reason_is_the_cause(write: Write, studies: Path) -> None:
    error = _error(write({"labels": ["a"], "infers": {"x": "$[][3]"}}), studies)
    causes, one = [], error.__cause__
    while one is not None:
        causes.append(type(one))
        one = one.__cause__
    assert IndexError in causes


def test_an_error_of_jlabel_keeps_its_words(write: Write, studies: Path) -> None:
    error = _error(write({"labels": ["a"], "infers": {"x": {"_target_": "jlabel.DeepGrow2D", "path": 3}}}), studies)
    assert error.id == "infers::x"


def test_json_with_tabs_still_names_the_item(write: Write, studies: Path) -> None:
    file = write("x", "app.json")
    file.write_text(json.dumps({"labels": ["a"], "infers": {"x": "@y"}}, indent="\t"))
    error = _error(file, studies)
    assert (error.file, error.id) == (file, "infers::x")
