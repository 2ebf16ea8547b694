"""The default colours stay apart for people who do not see red or green as others do."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from skimage.color import rgb2lab

from jlabel.labels.label import PALETTE

# Linear RGB as seen with protanopia and deuteranopia, severity 1: Machado, Oliveira and Fernandes, "A physiologically-
# based model for simulation of color vision deficiency", IEEE Trans. on Visualization and Computer Graphics 15 (2009).
SEEN = {
    "everybody": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}
# CIE 1976 colour difference; 2.3 is what is just noticed side by side (Mahy, Van Eycken and Oosterlinck 1994).
APART = 16


def as_lab(color: str, seen: np.ndarray) -> np.ndarray:
    encoded = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    shown = np.clip(seen @ linear, 0, 1)
    return rgb2lab(np.where(shown <= 0.0031308, shown * 12.92, 1.055 * shown ** (1 / 2.4) - 0.055))


@pytest.mark.parametrize("who", SEEN)
def test_the_first_eight_colours_stay_apart(who):
    seen = [as_lab(color, SEEN[who]) for color in PALETTE[:8]]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > APART


def test_all_colours_are_written_alike_and_none_twice():
    assert all(re.fullmatch("#[0-9a-f]{6}", color) for color in PALETTE)
    assert len(set(PALETTE)) == len(PALETTE)
