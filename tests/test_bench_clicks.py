"""What the benchmark of clicks counts, and which structures it takes; nothing here is timed."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from bench.click_cases import cases
from bench.click_measures import HANDS, WHAT, Plan, ellipse, measured
from bench.click_tables import first_masks, from_nothing, text_table
from jlabel.imaging.region import Region


def session(scores, changes=(), fixed=0.5):
    steps = [{"fixed": fixed, "change": change, "seconds": 0.1} for change in changes]
    return {"scores": scores, "steps": steps}


@pytest.fixture
def sets(tmp_path: Path) -> Path:
    """A set of three volumes with 1, 2 and 6 bright boxes."""
    for name in ("images", "labels"):
        (tmp_path / "ct_mr_totalseg" / name).mkdir(parents=True)
    for count in (1, 2, 6):
        label = np.zeros((12, 12, 8 * count), np.uint8)
        for value in range(1, count + 1):
            label[3:9, 3:9, 8 * value - 7 : 8 * value - 1] = value
        grey = 100 * (label > 0) + np.random.default_rng(0).normal(0, 5, label.shape)
        for name, values in (("images", grey.astype(np.int16)), ("labels", label)):
            nib.save(nib.Nifti1Image(values, np.eye(4)), tmp_path / "ct_mr_totalseg" / name / f"case_{count}.nii")
    return tmp_path


def test_structures_are_spread_over_the_images_and_over_each_of_them(sets: Path) -> None:
    taken = cases(sets, "ct_mr_totalseg", 6)
    assert [(case.image.name, case.value) for case in taken] == [
        *[("case_1.nii", 1), ("case_2.nii", 1), ("case_2.nii", 2)],
        *[("case_6.nii", 1), ("case_6.nii", 3), ("case_6.nii", 5)],
    ]
    assert len(cases(sets, "ct_mr_totalseg", 20)) == 9


def test_a_structure_has_figures_of_everything_that_was_asked_for(sets: Path) -> None:
    case = cases(sets, "ct_mr_totalseg", 1)[0]
    row = measured(case, Plan("click", 2, HANDS, WHAT))
    assert (row["set"], row["value"]) == ("ct_mr_totalseg", 1)
    assert row["from_nothing.robot"]["scores"][0] == 0
    assert len(row["from_nothing.human"]["scores"]) == 3
    assert set(row["first_masks"]) == {"grown", "shifted", "half_missing"}
    assert 0.5 < row["box"]["ellipse"] < 0.8
    assert row["order"]["least"] <= row["order"]["mean"] <= 1


def test_clicks_to_a_dice_are_capped_and_lowering_ones_are_counted_among_the_correct_ones() -> None:
    rows = [
        session([0, 0.5, 0.9, 0.86, 0.9, 0.9], [0.5, 0.4, -0.04, 0.04, 0]),
        session([0, 0.4, 0.05, 0.4, 0.4, 0.4], [0.4, -0.35, 0.35, 0, 0], fixed=1.0),
        session([0, 0, 0, 0, 0, 0], [-0.9], fixed=None),
    ]
    figures = from_nothing(rows)
    assert figures["noc_85"] == pytest.approx((2 + 5 + 5) / 3, abs=1e-3)
    assert figures["below_half"] == pytest.approx(2 / 3, abs=1e-3)
    assert figures["dice_5"] == pytest.approx(1.3 / 3, abs=1e-3)
    assert "dice_10" not in figures
    assert figures["correct"] == 10
    assert [figures[f"lowered_{by}"] for by in ("02", "10", "30")] == [0.2, 0.1, 0.1]
    assert figures["fixed"] == 0.75


def test_the_error_left_is_told_for_each_structure_and_of_the_means() -> None:
    figures = first_masks([session([0.9, 0.9, 0.9, 0.9, 0.9, 0.9]), session([0.5, 0.5, 0.5, 1, 1, 1])])
    assert figures["left"] == 0.5
    assert figures["left_of_means"] == pytest.approx(0.05 / 0.3, abs=1e-3)
    assert first_masks([session([1.0] * 6)])["left"] == 0


def test_an_ellipse_touches_every_side_of_its_box() -> None:
    for shape in ((9, 20), (1, 5), (7, 8, 30)):
        inside = ellipse(Region((3,) * len(shape), tuple(3 + n for n in shape)))
        for axis, n in enumerate(shape):
            assert inside.any(axis=tuple(other for other in range(len(shape)) if other != axis))[[0, n - 1]].all()
    assert ellipse(Region((0, 0), (100, 60))).mean() == pytest.approx(np.pi / 4, abs=0.01)


def test_the_table_has_a_column_for_every_figure() -> None:
    assert text_table("t", [{"set": "a", "x": 0.5}, {"set": "bcd", "y": 2}]).splitlines() == [
        *["", "t", "set  x      y", "a    0.500", "bcd         2"]
    ]
