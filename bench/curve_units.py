"""Learning curves one by one: a set, a strategy and a seed; each is done by itself and written as a line."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bench.curve_data import SETS, Cases, pool_and_test, read_cases
from bench.curve_network import SmallUNet, mean_dice, train
from bench.curve_project import Project

#: The curve of all labels is a unit of its own.
FULL = "full"

Row = dict[str, Any]


@dataclass(frozen=True)
class CurvePlan:
    """What every unit has in common.

    Attributes:
        data: The folder of the sets.
        work: Where prepared images and results are kept.
        counts: After how many labels a network is trained and judged.
        steps: Of the first training.
        more_steps: Of each following one, which goes on from the network of before, as jlabel's trainings do.
    """

    data: Path
    work: Path
    counts: tuple[int, ...]
    steps: int
    more_steps: int

    @property
    def all_steps(self) -> int:
        """Of all the trainings of a curve."""
        return self.steps + self.more_steps * (len(self.counts) - 1)


class Unit(NamedTuple):
    """One curve."""

    name: str
    strategy: str
    seed: int


def all_units(sets: Sequence[str], strategies: Sequence[str], seeds: Sequence[int]) -> list[Unit]:
    """All curves: strategies in turn within a seed, so that what is done halfway is done for every strategy."""
    return [Unit(name, strategy, seed) for name in sets for seed in seeds for strategy in (FULL, *strategies)]


def measure(unit: Unit, plan: CurvePlan) -> Row:
    """A curve, as the line that is kept."""
    import torch

    torch.set_num_threads(1)
    begun = time.process_time()
    pool, test = _cases(unit.name, plan)
    classes = max(SETS[unit.name].labels.values()) + 1
    if unit.strategy == FULL:
        network = train(pool, classes, plan.all_steps, unit.seed)
        points = [(len(pool.ids), mean_dice(network, test, classes))]
        chosen: list[list[str]] = []
    else:
        points, chosen = _curve(unit, plan, pool, test, classes)
    return {
        **unit._asdict(),
        "steps": plan.all_steps if unit.strategy == FULL else [plan.steps, plan.more_steps],
        "labels": [count for count, _ in points],
        "dice": [round(dice, 4) for _, dice in points],
        "chosen": chosen,
        "cpu_seconds": round(time.process_time() - begun, 1),
    }


def results(file: Path, plan: CurvePlan) -> list[Row]:
    """The lines that were written with the same plan; one that a kill has cut short is none."""
    rows = []
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        full = row["strategy"] == FULL
        steps = plan.all_steps if full else [plan.steps, plan.more_steps]
        if row["steps"] == steps and (full or row["labels"] == list(plan.counts)):
            rows.append(row)
    return rows


def write(file: Path, row: Row) -> None:
    """Add a line, on a line of its own whatever was there."""
    file.parent.mkdir(parents=True, exist_ok=True)
    cut = file.exists() and not file.read_bytes().endswith(b"\n") and file.stat().st_size > 0
    with file.open("a", encoding="utf-8") as out:
        out.write(("\n" if cut else "") + json.dumps(row) + "\n")
        out.flush()
        os.fsync(out.fileno())


def _curve(
    unit: Unit, plan: CurvePlan, pool: Cases, test: Cases, classes: int
) -> tuple[list[tuple[int, float]], list[list[str]]]:
    # The first images are the same for every strategy, and so is what is learnt from them.
    labelled = list(map(int, np.random.default_rng(unit.seed).permutation(len(pool.ids))[: plan.counts[0]]))
    points, chosen = [], [[pool.ids[number] for number in labelled]]
    with tempfile.TemporaryDirectory(prefix="jlabel-bench-") as folder:
        sizes = (plan.counts[-1], unit.seed)
        project = Project(Path(folder) / "pool", pool, SETS[unit.name].labels, unit.strategy, *sizes)
        project.label(labelled)
        for count, network in _networks(unit, plan, pool, classes, labelled):
            points.append((count, mean_dice(network, test, classes)))
            following = [each for each in plan.counts if each > count]
            if following:
                project.publish(network)
                new = project.choose(following[0] - count)
                chosen.append([pool.ids[number] for number in new])
                project.label(new)
                labelled += new
        project.close()
    return points, chosen


def _networks(
    unit: Unit, plan: CurvePlan, pool: Cases, classes: int, labelled: list[int]
) -> Iterator[tuple[int, SmallUNet]]:
    """A network for each count, of the labels that there are when it is asked for."""
    network: SmallUNet | None = None
    for count in plan.counts:
        if len(labelled) != count:
            raise RuntimeError(f"{unit}: {len(labelled)} images are labelled, and not {count}")
        cases = pool[np.array(labelled)]
        if network is None:
            file = plan.work / f"{unit.name}_{unit.seed}_{count}_{plan.steps}.pt"
            network = _first(cases, classes, plan.steps, unit.seed, file)
        else:
            network = train(cases, classes, plan.more_steps, unit.seed + count, network)
        yield count, network


def _first(cases: Cases, classes: int, steps: int, seed: int, file: Path) -> SmallUNet:
    """The network of the first images, which are the same for every strategy: it is kept in a file."""
    import torch

    if file.exists():
        network = SmallUNet(cases.labels.ndim - 1, cases.images.shape[1], classes)
        network.load_state_dict(torch.load(file, weights_only=True))
        return network.eval()
    network = train(cases, classes, steps, seed)
    beside = file.with_suffix(f".{os.getpid()}.new")
    torch.save(network.state_dict(), beside)
    beside.replace(file)
    return network


@lru_cache(maxsize=1)
def _cases(name: str, plan: CurvePlan) -> tuple[Cases, Cases]:
    return pool_and_test(read_cases(plan.data, SETS[name], plan.work))
