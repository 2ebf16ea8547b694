"""How good clicks are: ``python -m bench.bench_click_quality``; ``--help`` says what can be chosen.

Structures of the shared sets, one tool, two simulated annotators (``jlabel.simulation``): clicks from nothing, clicks
into wrong first masks, a box alone beside the ellipse in it, and the same clicks in another order. Figures of which
more is better are told as what is missing to 1. ``JLABEL_TEST_DATA`` is the folder of the sets; the wrong masks and the
numbers that an annotator draws are the same in every run. Stderr gets tables for people.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from bench import click_tables as tables
from bench.click_cases import CT, PICTURES, TASKS, VOLUMES, Case, cases
from bench.click_measures import HANDS, WHAT, Plan, Row, measured
from bench.report import emit
from bench.structures import SETS
from jlabel.simulation import FIRST_MASKS, HumanLikeParameters

DATA = Path(os.environ.get("JLABEL_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
#: Share of the correct clicks that may lower the Dice by more than 0.1, and by more than 0.3.
LOWERED_BARS = {"robot": (0.01, 0.0), "human": (0.02, 0.002)}
#: Sets, and what may be missing of a mean Dice of 1 after five clicks of the robot, and for a box.
GROUPS = {"pictures": (PICTURES, 0.10, 0.10), "volumes": (VOLUMES, 0.28, 0.25), "ct": ((CT,), 0.15, None)}


def main(arguments: Sequence[str] = ()) -> int:
    chosen = _parser().parse_args(arguments)
    there = [name for name in chosen.sets if (DATA / name).is_dir()]
    for name in set(chosen.sets) - set(there):
        sys.stderr.write(f"{DATA / name} is not there: nothing measured for it\n")
    hands = HANDS if chosen.hand == "both" else (chosen.hand,)
    plan = Plan(chosen.task, chosen.clicks, hands, tuple(chosen.what))
    rows: dict[str, list[Row]] = {}
    for row in _rows([case for name in there for case in cases(DATA, name, chosen.cases)], plan, chosen.jobs):
        rows.setdefault(row["set"], []).append(row)
        sys.stderr.write(f"{row['set']} {row['image']} {row['value']}: {row['took']} s\n")
    if chosen.json:
        chosen.json.write_text(json.dumps([row for each in rows.values() for row in each], indent=1))
    return 0 if tell(rows, plan) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.bench_click_quality")
    parser.add_argument("--task", choices=sorted(TASKS), default="click", help="the tool (%(default)s)")
    parser.add_argument("--sets", type=_names(SETS), default=SETS, help=f"of {','.join(SETS)} (all)")
    parser.add_argument("--cases", type=int, default=20, help="structures of each set (%(default)s)")
    parser.add_argument("--clicks", type=int, default=10, help="clicks of a session from nothing (%(default)s)")
    parser.add_argument("--hand", choices=(*HANDS, "both"), default="both", help="who clicks (%(default)s)")
    parser.add_argument("--what", type=_names(WHAT), default=WHAT, help=f"of {','.join(WHAT)} (all)")
    parser.add_argument("--jobs", type=int, default=1, help="processes; seconds are true with one (%(default)s)")
    parser.add_argument("--json", type=Path, help="a file for what was measured at every structure")
    return parser


def _names(known: Sequence[str]) -> Any:
    def names(text: str) -> list[str]:
        given = text.split(",")
        if unknown := set(given) - set(known):
            raise argparse.ArgumentTypeError(f"no {', '.join(sorted(unknown))}; there are {', '.join(known)}")
        return given

    return names


def _rows(chosen: Sequence[Case], plan: Plan, jobs: int) -> Iterator[Row]:
    if jobs == 1:
        yield from map(partial(measured, plan=plan), chosen)
        return
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        yield from pool.map(partial(measured, plan=plan), chosen)


def tell(rows: dict[str, list[Row]], plan: Plan) -> bool:
    """Emit all figures, and write the tables; whether all bars hold."""
    good = True
    for hand in plan.hands if "from_nothing" in plan.what else ():
        good &= from_nothing(rows, plan, hand)
    if set(plan.hands) == set(HANDS) and "from_nothing" in plan.what:
        good &= behind(rows, min(5, plan.clicks))
    good &= "first_masks" not in plan.what or first_masks(rows)
    good &= "box" not in plan.what or box(rows)
    if "order" in plan.what:
        order(rows)
    return good


def from_nothing(rows: dict[str, list[Row]], plan: Plan, hand: str) -> bool:
    at, key = min(5, plan.clicks), f"from_nothing.{hand}"
    more = {"hand": HumanLikeParameters().as_dict()} if hand == "human" else {}
    sessions = {name: [row[key] for row in each] for name, each in rows.items()}
    figures = {name: tables.from_nothing(each) for name, each in sessions.items()}
    after = {name: float(np.mean([each["scores"][at] for each in sessions[name]])) for name in rows}
    for name in rows:
        _emit(f"{key}.{name}", 1 - after[name], "1 - Dice", cases=len(rows[name]), **figures[name], **more)
    good = True
    for group, (names, bar, _) in GROUPS.items():
        if hand == "robot" and at == 5 and set(names) <= set(after):
            good &= _emit(f"{key}.{group}", 1 - np.mean([after[name] for name in names]), "1 - Dice", bar)
    every = tables.lowered([session for each in sessions.values() for session in each])
    for by, bar in zip(("10", "30"), LOWERED_BARS[hand], strict=True):
        if every["correct"]:
            share = every[f"lowered_{by}"]
            good &= _emit(f"{key}.lowered_{by}", share, "share of correct clicks", bar, **every, **more)
    _table(f"{plan.task} from nothing, {hand}", [{"set": name, **figures[name]} for name in rows])
    return good


def behind(rows: dict[str, list[Row]], at: int) -> bool:
    """How much lower the Dice is with the clicks of a person."""
    parts = {}
    for name, each in rows.items():
        robot, human = (np.mean([row[f"from_nothing.{hand}"]["scores"][at] for row in each]) for hand in HANDS)
        parts[name] = float(robot - human)
    more = {name: round(part, 4) for name, part in parts.items()}
    hand = HumanLikeParameters().as_dict()
    return _emit("human_behind_robot", np.mean(list(parts.values())), "Dice", 0.06, hand=hand, **more)


def first_masks(rows: dict[str, list[Row]]) -> bool:
    good, lines, every = True, [], []
    for name, kind in [(name, kind) for name in rows for kind in FIRST_MASKS]:
        sessions = [row["first_masks"][kind] for row in rows[name]]
        figures, every = tables.first_masks(sessions), every + sessions
        good &= _emit(f"first_masks.{name}.{kind}", figures["left"], "part of the error left", 0.6, **figures)
        lines.append({"set": name, "mask": kind, **figures})
    all_together = tables.lowered(every)
    for by, bar in zip(("10", "30"), LOWERED_BARS["robot"], strict=True):
        if all_together["correct"]:
            share = all_together[f"lowered_{by}"]
            good &= _emit(f"first_masks.lowered_{by}", share, "share of correct clicks", bar, **all_together)
    _table("first masks, corrected by the robot", lines)
    return good


def box(rows: dict[str, list[Row]]) -> bool:
    good, figures = True, {name: tables.means([row["box"] for row in each]) for name, each in rows.items()}
    for name, found in figures.items():
        good &= _emit(f"box.{name}", 1 - found["task"], "1 - Dice", 1 - found["ellipse"], **found)
    for group, (names, _, bar) in GROUPS.items():
        if bar is not None and set(names) <= set(figures):
            good &= _emit(f"box.{group}", 1 - np.mean([figures[name]["task"] for name in names]), "1 - Dice", bar)
    _table("a box alone", [{"set": name, **found} for name, found in figures.items()])
    return good


def order(rows: dict[str, list[Row]]) -> None:
    figures = {name: tables.means([row["order"] for row in each]) for name, each in rows.items()}
    for name, found in figures.items():
        _emit(f"order.{name}", 1 - found["mean"], "1 - Dice between orders", **found)
    _table("five clicks in another order", [{"set": name, **found} for name, found in figures.items()])


def _emit(name: str, value: Any, unit: str, bar: float | None = None, **more: Any) -> bool:
    return emit(f"click_quality.{name}", float(value), unit, bar=bar, **more)


def _table(title: str, rows: list[dict[str, Any]]) -> None:
    sys.stderr.write(tables.text_table(title, rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
