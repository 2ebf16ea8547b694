"""Seconds that a session would take a person."""

from __future__ import annotations

import math

import numpy as np
import pytest

from jlabel.effort import SecondsModel
from jlabel.prompts import Box, Click, Scribble
from jlabel.simulation import Session, Step
from jlabel.simulation.time_taken import by_hand_seconds, looking_seconds, session_seconds, slice_axis

MODEL = SecondsModel(click=1.0, bit=0.1, decision=2.0, verification=3.0, slice=0.5, drawing=0.01)


def session(*clicks, first=(), width=4.0, shape=(20, 20, 10)):
    steps = tuple(Step(Click(place), True, 1.0, 0.0, 1.0, 0.1, width) for place in clicks)
    return Session((0.0, *(1.0 for _ in steps)), steps, np.zeros(shape, bool), first)


def test_a_click_is_a_decision_and_a_movement_to_something_of_that_width():
    near, far, narrow = (
        session_seconds(each, (1, 1, 1), MODEL)
        for each in (session((10, 10, 5)), session((18, 10, 5)), session((18, 10, 5), width=1.0))
    )
    assert near == pytest.approx(2 + 1)
    assert far == pytest.approx(3 + 0.1 * math.log2(8 / 4 + 1))
    assert narrow == pytest.approx(3 + 0.1 * math.log2(8 / 1 + 1))


def test_slices_between_two_clicks_are_looked_at():
    same = session_seconds(session((10, 10, 5), (10, 10, 5)), (1, 1, 1), MODEL)
    away = session_seconds(session((10, 10, 5), (10, 10, 9)), (1, 1, 1), MODEL)
    assert away - same == pytest.approx(4 * 0.5)
    # Slices lie across the axis of the largest spacing: nothing is passed there.
    assert session_seconds(session((10, 10, 5), (10, 10, 9)), (3, 1, 1), MODEL) < away


def test_a_box_is_a_movement_more_and_a_scribble_is_drawn():
    box = Box((10, 10, 5), (16, 18, 5))
    assert session_seconds(session(first=(box,)), (1, 1, 1), MODEL) == pytest.approx(3 + 1 + 0.1 * math.log2(10 + 1))
    scribble = Scribble(tuple((10, j, 5) for j in range(10, 20)))
    assert session_seconds(session(first=(scribble,)), (2, 2, 2), MODEL) == pytest.approx(3 + 10 * 2 * 0.01)


def test_what_is_wrong_is_drawn_by_hand_slice_by_slice():
    truth = np.zeros((20, 20, 10), bool)
    truth[5:10, 5:10, 2:6] = True
    mask = truth.copy()
    mask[..., 3] = False
    outline = 16  # of a square of five voxels
    each = MODEL.action() + 0.5
    assert by_hand_seconds(mask, truth, (1, 1, 1), MODEL) == pytest.approx(each + outline * 0.01)
    assert by_hand_seconds(truth, truth, (1, 1, 1), MODEL) == 0
    picture = by_hand_seconds(mask[..., 3], truth[..., 3], (1, 1), MODEL)
    assert picture == pytest.approx(each + outline * 0.01)


def test_a_label_is_looked_through_and_verified():
    label = np.zeros((20, 20, 10), np.uint8)
    label[5:10, 5:10, 2:6] = 2
    assert looking_seconds(label, (1, 1, 1), MODEL) == pytest.approx(3 + 4 * 0.5)
    assert looking_seconds(label[..., 3], (1, 1), MODEL) == pytest.approx(3 + 0.5)


def test_the_axis_across_the_slices():
    assert slice_axis((1, 1)) is None
    assert slice_axis((1, 1, 1)) == 2
    assert slice_axis((5, 1, 1)) == 0
