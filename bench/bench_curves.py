"""Learning curves of every strategy that ships: ``python -m bench.bench_curves``; ``--help`` says what can be chosen.

Of each set of ``JLABEL_TEST_DATA`` 80 images are the pool, and 40 others, always the same, judge. From the same 5
images each strategy chooses up to 30, 5 at a time. A small U-Net (``bench.curve_network``) is trained on the first ones
from nothing, and after each choice it learns on from all that are labelled, as jlabel's trainings do; with the same
number of steps and the same seed for every strategy. The images are scored with it by the scoring methods that ship.
Every set, strategy and seed is a unit by itself, written as a line once it is done: with ``--resume`` those that are
there are not done again. ``--table`` only reads them. Without arguments it does the quick part.

The figure of a strategy is 1 - AUBC, the mean Dice over the budget, so that less is better. There is no bar: which
strategy is best is what is asked.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bench.click_tables import text_table
from bench.curve_data import SETS
from bench.curve_project import STRATEGIES
from bench.curve_tables import figures
from bench.curve_units import CurvePlan, Row, Unit, all_units, measure, results, write
from bench.report import emit

DATA = Path(os.environ.get("JLABEL_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
COUNTS, STEPS, MORE_STEPS, SEEDS = (5, 10, 15, 20, 25, 30), 300, 60, 5
#: What a run without arguments does: whether the strategies work, not which is best.
QUICK = ("random", "foreground_random", "entropy", "coreset", "clasp")
QUICK_COUNTS, QUICK_STEPS, QUICK_MORE_STEPS, QUICK_SEEDS = (5, 10, 15), 40, 20, 2


def main(arguments: Sequence[str] = ("--quick",)) -> int:
    chosen = _parser().parse_args(arguments)
    there = [name for name in chosen.sets if (DATA / name).is_dir()]
    for name in set(chosen.sets) - set(there):
        sys.stderr.write(f"curves: {DATA / name} is not there: nothing measured for it\n")
    with tempfile.TemporaryDirectory(prefix="jlabel-bench-") as temporary:
        work = chosen.work or Path(temporary)
        plan = CurvePlan(DATA, work, chosen.counts, chosen.steps, chosen.more_steps)
        file = work / "curves.jsonl"
        if file.exists() and not (chosen.resume or chosen.table):
            sys.stderr.write(f"curves: {file} has results already: --resume goes on, or remove it\n")
            return 2
        units = all_units(there, chosen.strategies, [*range(chosen.first_seed, chosen.first_seed + chosen.seeds)])
        rows = results(file, plan)
        done = {(row["name"], row["strategy"], row["seed"]) for row in rows}
        left = [] if chosen.table else [unit for unit in units if tuple(unit) not in done]
        for row in _measured(left, plan, chosen.jobs):
            write(file, row)
            rows.append(row)
            told = f"{row['name']} {row['strategy']} {row['seed']}: {row['dice']}, {row['cpu_seconds']} s"
            sys.stderr.write(f"{told} ({len(rows)} of {len(units)})\n")
        wanted = set(map(tuple, units))
        tell([row for row in rows if (row["name"], row["strategy"], row["seed"]) in wanted], plan)
    return 0


def tell(rows: Sequence[Row], plan: CurvePlan) -> None:
    """Emit the figures, and write a table for each set."""
    for name in dict.fromkeys(row["name"] for row in rows):
        table = figures([row for row in rows if row["name"] == name])
        for figure in table:
            more = {key: value for key, value in figure.items() if key not in ("strategy", "aubc")}
            budget = {"from": plan.counts[0], "to": plan.counts[-1]}
            budget |= {"steps": plan.steps, "more_steps": plan.more_steps}
            emit(f"curves.{name}.{figure['strategy']}", 1 - figure["aubc"], "1 - AUBC", **more, **budget)
        sys.stderr.write(text_table(f"{name}, {plan.counts[0]} to {plan.counts[-1]} labels", table))


def _measured(units: Sequence[Unit], plan: CurvePlan, jobs: int) -> Iterator[Row]:
    """The rows as they come; one that fails ends all, since what is done is kept."""
    if jobs == 1:
        for unit in units:
            yield measure(unit, plan)
        return
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        for future in as_completed([pool.submit(measure, unit, plan) for unit in units]):
            yield future.result()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.bench_curves")
    parser.add_argument("--sets", type=_names(tuple(SETS)), default=list(SETS), help=f"of {','.join(SETS)} (all)")
    parser.add_argument("--strategies", type=_names(STRATEGIES), default=list(STRATEGIES), help="names (all)")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="(%(default)s)")
    parser.add_argument("--first-seed", type=int, default=0, help="(%(default)s)")
    parser.add_argument("--counts", type=_counts, default=COUNTS, help=f"labels ({','.join(map(str, COUNTS))})")
    parser.add_argument("--steps", type=int, default=STEPS, help="of the first training (%(default)s)")
    parser.add_argument("--more-steps", type=int, default=MORE_STEPS, help="of each following one (%(default)s)")
    parser.add_argument("--jobs", type=int, default=2, help="processes, of one thread each (%(default)s)")
    parser.add_argument("--work", type=Path, help="a folder for results, kept (a temporary one)")
    parser.add_argument("--resume", action="store_true", help="go on with what is there")
    parser.add_argument("--table", action="store_true", help="measure nothing: tell what is there")
    parser.add_argument("--quick", action=_Quick, nargs=0, help="a few strategies and steps, to see that all works")
    return parser


class _Quick(argparse.Action):
    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: Any = None) -> None:
        quick = {"strategies": list(QUICK), "counts": QUICK_COUNTS, "steps": QUICK_STEPS, "seeds": QUICK_SEEDS}
        quick["more_steps"] = QUICK_MORE_STEPS
        for key, value in quick.items():
            setattr(namespace, key, value)
        namespace.sets = ["hippocampus_msd"]


def _names(known: Sequence[str]) -> Any:
    def names(text: str) -> list[str]:
        given = text.split(",")
        if unknown := set(given) - set(known):
            raise argparse.ArgumentTypeError(f"no {', '.join(sorted(unknown))}; there are {', '.join(known)}")
        return given

    return names


def _counts(text: str) -> tuple[int, ...]:
    counts = tuple(map(int, text.split(",")))
    if list(counts) != sorted(set(counts)) or counts[0] < 1:
        raise argparse.ArgumentTypeError("numbers of labels, each more than the one before")
    return counts


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
