"""One case: an axis order, an oblique grid and thick slices change the file, never where the anatomy lies."""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest

from jlabel.demo import EXAMPLE_LABELS
from jlabel.demo.cases import Recipe, make_case
from jlabel.demo.template import Template

SIX_MM = (6.0, 6.0, 6.0)


@pytest.mark.parametrize("codes", ["LPS", "PIR", "LIP", "SAL", "ASR"])
def test_every_voxel_stays_in_its_place_whatever_the_axis_order(example_template: Template, codes: str) -> None:
    plain = make_case(example_template, Recipe(1, SIX_MM), EXAMPLE_LABELS)
    turned = make_case(example_template, Recipe(1, SIX_MM, codes), EXAMPLE_LABELS)
    assert "".join(nib.aff2axcodes(turned[0].affine)) == codes
    for one, other in zip(plain, turned, strict=True):
        back = nib.as_closest_canonical(other)
        np.testing.assert_array_equal(np.asarray(back.dataobj), np.asarray(one.dataobj))
        np.testing.assert_allclose(back.affine, one.affine, atol=1e-9)


def test_an_oblique_grid_holds_the_head_at_the_same_millimetres(example_template: Template) -> None:
    middles = []
    for tilt in ((0.0, 0.0, 0.0), (20.0, -10.0, 15.0)):
        _, label = make_case(example_template, Recipe(1, (3.0, 3.0, 3.0), tilt=tilt), EXAMPLE_LABELS)
        ventricles = np.argwhere(np.asarray(label.dataobj) == EXAMPLE_LABELS["ventricles"])
        middles.append(nib.affines.apply_affine(label.affine, ventricles).mean(axis=0))
    assert np.linalg.norm(middles[0] - middles[1]) < 6


def test_the_spacing_asked_for_is_the_spacing_of_the_file(example_template: Template) -> None:
    image, label = make_case(example_template, Recipe(2, (4.0, 4.0, 8.0), "SAL"), EXAMPLE_LABELS)
    np.testing.assert_allclose(image.header.get_zooms(), (8.0, 4.0, 4.0), rtol=1e-5)
    assert image.get_data_dtype() == np.int16
    assert label.get_data_dtype() == np.uint8
