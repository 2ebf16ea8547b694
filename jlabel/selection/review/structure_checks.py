"""Checks of each structure by itself: size, parts, holes, roughness, and what the image shows at its border."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from jlabel.selection.review.borders import DEPTHS
from jlabel.selection.review.check import Check, LabelTable, middle_of
from jlabel.selection.review.percentiles import Floats, deviations, unlikeliness

# What such figures vary by among correct labels: logarithms of size and roughness, counts, shares of the image's range.
_SIZE, _ROUGHNESS, _COUNT, _INTENSITY = 0.3, 0.1, 0.5, 0.1
_APART, _HOLLOW, _SHAPE, _CONTACT = 0.02, 0.005, 0.05, 0.05
_SIDES = ("left", "right", "posterior", "anterior", "inferior", "superior")
_DEPTHS = ("inside of the border", "at the border", "outside of the border")
_ARRAY_SIDES = ("lower i", "upper i", "lower j", "upper j", "lower k", "upper k")


def structure_checks(table: LabelTable) -> Iterator[Check]:
    """All of them, for each structure; the border for all together, too."""
    there = {value: name for value, name in table.names.items() if table.present(value).any()}
    if len(there) > 1:
        yield _borders(table, there)
    for value, name in there.items():
        yield _size(table, value, name)
        yield _roughness(table, value, name)
        yield _parts(table, value, name)
        yield _holes(table, value, name)
        yield _intensity(table, value, name)
        yield _border(table, value, name)
        yield _shape(table, value, name)
        if len(there) > 1:
            yield _contact(table, value, name)


def _size(table: LabelTable, value: int, name: str) -> Check:
    sizes = table.figures(value, lambda one: one.size)
    usual = middle_of(sizes)

    def words(row: int) -> str:
        if table.measures[row].sized:
            return f"{name} has {sizes[row]:.3g} ml where others have {usual:.3g} ml"
        return f"{name} covers {sizes[row]:.2%} of the image where in others it covers {usual:.2%}"

    return _check("size", unlikeliness(deviations(np.log(sizes), _SIZE)), words, name)


def _roughness(table: LabelTable, value: int, name: str) -> Check:
    figures = table.figures(value, lambda one: one.roughness)
    usual = middle_of(figures)

    def words(row: int) -> str:
        kind = "rougher" if figures[row] > usual else "rounder"
        return f"{name} is {kind} than others: its surface for its size is {figures[row] / usual:.2f} times theirs"

    return _check("roughness", unlikeliness(deviations(np.log(figures), _ROUGHNESS)), words, name)


def _parts(table: LabelTable, value: int, name: str) -> Check:
    counts = table.figures(value, lambda one: one.parts)
    shares = table.figures(value, lambda one: one.apart)
    usual = middle_of(counts)

    def words(row: int) -> str:
        return (
            f"{name}: {_counted(counts[row], 'part')} where others have {usual:g}{_amount(shares[row], 'lies apart')}"
        )

    by_count = unlikeliness(deviations(np.log2(counts), _COUNT), counted=True)
    return _check("parts", np.fmin(by_count, unlikeliness(deviations(shares, _APART))), words, name)


def _holes(table: LabelTable, value: int, name: str) -> Check:
    counts = table.figures(value, lambda one: one.holes)
    shares = table.figures(value, lambda one: one.hollow)
    usual = middle_of(counts)

    def words(row: int) -> str:
        return (
            f"{name}: {_counted(counts[row], 'hole')} where others have {usual:g}{_amount(shares[row], 'of its size')}"
        )

    # By their size: a single voxel is soon left out by mistake.
    return _check("holes", unlikeliness(deviations(shares, _HOLLOW)), words, name)


def _intensity(table: LabelTable, value: int, name: str) -> Check:
    figures = table.figures(value, lambda one: one.intensity)
    usual = middle_of(figures)

    def words(row: int) -> str:
        kind = "brighter" if figures[row] > usual else "darker"
        return f"the image in {name} is {kind} than in others, by {abs(figures[row] - usual):.0%} of its range"

    return _check("intensity", unlikeliness(deviations(figures, _INTENSITY)), words, name)


def _border(table: LabelTable, value: int, name: str) -> Check:
    steps = table.points(value, lambda one: one.contrast)
    usual = np.array([middle_of(column) for column in steps.T])

    def words(row: int) -> str:
        column = int(np.nanargmax(np.abs(steps[row] - usual)))
        where = (_SIDES if table.measures[row].oriented else _ARRAY_SIDES)[column // len(DEPTHS)]
        depth = _DEPTHS[column % len(DEPTHS)]
        return (
            f"the border of {name} lies elsewhere in the image than in others: on its {where} side the intensity "
            f"changes by {steps[row, column]:+.0%} of the range {depth}, in others by {usual[column]:+.0%}"
        )

    return _check("border", unlikeliness(deviations(steps, _INTENSITY), figures=steps.shape[1]), words, name)


def _borders(table: LabelTable, names: Mapping[int, str]) -> Check:
    """A label that is moved as a whole differs a little at many sides."""
    steps = np.hstack([table.points(value, lambda one: one.contrast) for value in names])

    def words(row: int) -> str:
        return "the borders of all labels lie elsewhere in the image than in others, as if they were moved or resized"

    return Check(
        "border",
        unlikeliness(deviations(steps, _INTENSITY), figures=steps.shape[1]),
        words,
        lambda _: tuple(names.values()),
    )


def _shape(table: LabelTable, value: int, name: str) -> Check:
    points = table.points(value, lambda one: one.shape)
    usual = np.array([middle_of(column) for column in points.T])

    def words(row: int) -> str:
        away = points[row] - usual
        axis = int(np.nanargmax(np.abs(away)))
        sides = (_SIDES if table.measures[row].oriented else _ARRAY_SIDES)[2 * axis : 2 * axis + 2]
        where = sides[int(away[axis] > 0)]
        return f"{name} has another shape than others: more of it lies to its {where} side"

    return _check("shape", unlikeliness(deviations(points, _SHAPE), figures=points.shape[1]), words, name)


def _contact(table: LabelTable, value: int, name: str) -> Check:
    shares = table.figures(value, lambda one: one.contact)
    usual = middle_of(shares)

    def words(row: int) -> str:
        return f"{name} touches other labels with {shares[row]:.0%} of its surface where others do with {usual:.0%}"

    return _check("contact", unlikeliness(deviations(shares, _CONTACT)), words, name)


def _check(name: str, unlikely: Floats, words: Callable[[int], str], label: str) -> Check:
    return Check(name, unlikely, words, lambda _: (label,))


def _counted(count: float, what: str) -> str:
    return f"{count:g} {what}{'' if count == 1 else 's'}"


def _amount(share: float, what: str) -> str:
    return f" ({share:.1%} {what})" if share >= 0.001 else ""
