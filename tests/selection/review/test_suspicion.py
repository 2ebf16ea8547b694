"""The order of a review: labels with an error come first."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.corruptions import CORRUPTIONS
from jlabel.imaging import Image, read_image, read_label
from jlabel.selection.review import compare_labels, measure_label
from tests.selection.review.synthetic import NAMES, case

FIRST = 0.2


def corrupted(pairs: list[tuple[Image, np.ndarray]], share: float, seed: int) -> dict[int, str]:
    """Corrupt that share of the labels in place, each kind as often; returns which, and how."""
    rng = np.random.default_rng(seed)
    kinds = list(CORRUPTIONS)
    wrong = {int(row): kinds[n % len(kinds)] for n, row in enumerate(rng.permutation(len(pairs)))}
    wrong = dict(list(wrong.items())[: round(share * len(pairs))])
    for row, kind in wrong.items():
        pairs[row] = (pairs[row][0], CORRUPTIONS[kind](pairs[row][1], rng))
    return wrong


def first(pairs: list[tuple[Image, np.ndarray]], names: dict[int, str]) -> set[int]:
    findings = compare_labels([measure_label(mask, image, names) for image, mask in pairs], names)
    order = sorted(range(len(pairs)), key=lambda row: -findings[row].rank)
    return set(order[: round(FIRST * len(pairs))])


@pytest.mark.parametrize("seed", range(3))
def test_corrupted_labels_come_first(seed: int) -> None:
    pairs = [case(100 * seed + number) for number in range(50)]
    wrong = corrupted(pairs, 0.1, seed)
    missed = {kind for row, kind in wrong.items() if row not in first(pairs, NAMES)}
    assert len(missed) <= 1, missed


def test_corrupted_labels_of_real_images_come_first(shared_data: Path) -> None:
    data = shared_data / "hippocampus_msd"
    files = sorted((data / "images").glob("*.nii.gz"))[:100]
    images = [read_image(file) for file in files]
    pairs = [(image, read_label(data / "labels" / file.name, image)) for file, image in zip(files, images, strict=True)]
    wrong = corrupted(pairs, 0.1, seed=11)
    names = {1: "anterior", 2: "posterior"}
    assert len(first(pairs, names) & set(wrong)) >= 8
