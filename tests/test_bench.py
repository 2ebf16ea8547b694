"""The runner of the benchmarks and the lines that they print; nothing here is timed."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from bench import __main__ as runner
from bench.parts import PARTS
from bench.report import emit, emit_pairs
from bench.table import table


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.fixture
def fakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Three benchmarks: one talks and holds its bar, one misses it, one raises."""
    sources = {
        "good": 'print("half way")\n    print(\'{"bench": "good.figure", "ok": true, "bar": 2}\')',
        "slow": 'print(\'{"bench": "slow.figure", "ok": false, "bar": 2}\')\n    return 1',
        "broken": 'raise ValueError("the disk is gone")',
        "vanishing": "import os\n    os._exit(7)",
    }
    for name, body in sources.items():
        (tmp_path / f"fake_{name}.py").write_text(f"def main():\n    {body}\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return {name: f"fake_{name}" for name in sources}


def test_an_unknown_name_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.main(["datastore", "spleen"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("no benchmark spleen; there are ")
    assert {"datastore", "memory", "widget"} <= set(err.strip().split("there are ")[1].split(", "))


def test_every_benchmark_has_its_place_in_the_order() -> None:
    modules = {path.stem for path in Path(runner.__file__).parent.glob("bench_*.py")}
    assert {f"bench_{part.name}" for part in PARTS} == modules
    assert [part.seconds for part in PARTS] == sorted(part.seconds for part in PARTS)


@pytest.mark.parametrize("name", [part.name for part in PARTS])
def test_every_benchmark_finds_what_it_measures(name: str) -> None:
    assert callable(importlib.import_module(f"bench.bench_{name}").main)


def test_the_list_says_what_there_is_and_how_long_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.main(["--list"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in out[:-1]] == [part.name for part in PARTS]
    assert out[-1].startswith("all of them")


def test_a_benchmark_that_fails_does_not_end_the_run(fakes: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.run({name: fakes[name] for name in ("broken", "vanishing", "good")}) == 1
    broken, vanishing, good, summary = printed(capsys)
    assert broken == {"bench": "broken", "error": "ValueError: the disk is gone"}
    assert vanishing == {"bench": "vanishing", "error": "ended with status 7, and did not say why"}
    assert good["bench"] == "good.figure"
    assert summary.pop("seconds").keys() == {"broken", "vanishing", "good"}
    assert summary == {"bench": "summary", "passed": 1, "missed": [], "failed": ["broken", "vanishing"]}


def test_a_missed_bar_is_named_in_the_summary(fakes: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.run({name: fakes[name] for name in ("slow", "good")}) == 1
    summary = printed(capsys)[-1]
    assert (summary["passed"], summary["missed"], summary["failed"]) == (1, ["slow.figure"], [])


def test_stdout_has_the_lines_alone(fakes: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.run({"good": fakes["good"]}) == 0
    out, err = capsys.readouterr()
    assert [json.loads(line)["bench"] for line in out.splitlines()] == ["good.figure", "summary"]
    assert err == "half way\n"


def test_a_figure_is_one_line_with_its_floor_and_bar(capsys: pytest.CaptureFixture[str]) -> None:
    assert emit("a.save", 12.3456, "ms", floor=4.0, bar=20.0, images=3)
    assert not emit("a.next", 21.0, "ms", bar=20.0)
    assert emit("a.reported", 5.0, "s", floor=0.0)
    assert printed(capsys) == [
        {"bench": "a.save", "value": 12.35, "unit": "ms", "floor": 4.0, "ratio": 3.086, "bar": 20.0, "ok": True}
        | {"images": 3},
        {"bench": "a.next", "value": 21.0, "unit": "ms", "bar": 20.0, "ok": False},
        {"bench": "a.reported", "value": 5.0, "unit": "s", "floor": 0.0, "ratio": None, "ok": True},
    ]


def test_several_measurements_are_told_by_their_median_and_their_slow_end(capsys: pytest.CaptureFixture[str]) -> None:
    assert emit("a.click", [*[10.0] * 19, 30.0], "ms", [5.0, 5.0], bar=12.0)
    assert not emit("a.click", [*[10.0] * 9, 30.0], "ms", bar=10.0)
    assert not emit("a.click", [10.0, 10.0], "ms", bar=20.0, p95_bar=9.0)
    quick, slow, own = printed(capsys)
    assert (quick["value"], quick["floor"], quick["p95"], quick["bar"], quick["p95_bar"]) == (10, 5, 11, 12, 24)
    assert (slow["value"], slow["bar"], slow["p95"], slow["p95_bar"], slow["ok"]) == (10, 10, 21, 20, False)
    assert own["p95_bar"] == 9


def test_a_bar_that_the_floor_moved_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert emit("a.save", 15.0, "ms", floor=8.0, bar=10.0, bar_over_floor=2.0)
    assert emit("a.save", 5.0, "ms", floor=1.0, bar=10.0, bar_over_floor=2.0)
    assert not emit("a.memory", 5.0, "MB", floor=2.0, bar_over_floor=2.0)
    moved, fixed, only = printed(capsys)
    assert (moved["bar"], moved["bar_over_floor"], moved["fixed_bar"]) == (16, 2, 10)
    assert fixed["bar"] == 10
    assert "bar_over_floor" not in fixed
    assert (only["bar"], only["bar_over_floor"]) == (4, 2)


def test_figures_and_floors_measured_in_turn_give_the_median_of_their_ratios(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert emit_pairs("a.pace", [1.1, 3.0, 2.2], [1.0, 2.0, 2.0], "s", bar=1.2)
    assert not emit_pairs("a.pace", [3.0], [2.0], "s", bar=1.2)
    assert not emit_pairs("a.pace", [1.0, 30.0, 1.0], [1.0, 1.0, 1.0], "s", bar=1.2)
    first, second, third = printed(capsys)
    assert first == {
        "bench": "a.pace",
        "value": 2.2,
        "unit": "s",
        "floor": 2.0,
        "ratio": 1.1,
        "p95": 2.92,
        "p95_ratio": 1.46,
        "bar": 2.4,
        "bar_over_floor": 1.2,
        "p95_ratio_bar": 2.4,
        "ok": True,
        "pairs": 3,
    }
    assert (second["ratio"], second["bar"]) == (1.5, 2.4)
    assert (third["ratio"], third["p95_ratio"]) == (1, 27.1)


def test_lines_become_a_table() -> None:
    lines = [
        "a warning\n",
        '{"bench": "a.save", "value": 12.35, "unit": "ms", "floor": 4, "ratio": 3.1, "bar": 20, "ok": true, "n": 3}\n',
        '{"bench": "a.next", "value": 21.0, "unit": "ms | x", "bar": 20, "ok": false}\n',
        '{"bench": "a.seen", "value": 1e6, "unit": "MB", "ok": true}\n',
        '{"bench": "b", "error": "OSError: the disk\\nis gone"}\n',
        '{"bench": "summary", "passed": 1, "missed": ["a.next"], "failed": ["b"], "seconds": {"a": 1.4, "b": 61.0}}\n',
    ]
    assert table(lines).splitlines() == [
        "| figure | measured | unit | floor | ratio | bar |  | more |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        "| a.save | 12.35 | ms | 4 | 3.1 | ≤ 20 | yes | n 3 |",
        "| a.next | 21 | ms / x |  |  | ≤ 20 | **missed** |  |",
        "| a.seen | 1e+06 | MB |  |  |  |  |  |",
        "| b |  |  |  |  |  | **failed** | OSError: the disk is gone |",
        "",
        "Bars held: 1. Missed or failed: a.next, b.",
        "Time: a 1 s, b 61 s.",
    ]
