"""Names of labels in any spelling."""

from __future__ import annotations

import numpy as np
import pytest

from jlabel.bundles.label_matching import as_bundle_spells, asked_structure
from jlabel.imaging import Image
from jlabel.imaging.region import Region
from jlabel.prompts import Click, InitialMask
from jlabel.tasks import InferRequest, InferResult

IMAGE = Image(np.zeros((2, 2, 1), np.uint8), np.eye(4))


def test_a_request_in_the_bundles_spelling() -> None:
    prompts = (Click((0, 0, 0), label="LEFT KIDNEY"), InitialMask(np.ones((2, 2, 1), bool), label="cyst"))
    request = InferRequest(IMAGE, "x", prompts, label="left kidney", labels={"left kidney": 3, "cyst": 4})
    spelled = as_bundle_spells(request, ["Left_Kidney", "liver"])
    assert (spelled.label, dict(spelled.labels)) == ("Left_Kidney", {"Left_Kidney": 3, "cyst": 4})
    assert [prompt.label for prompt in spelled.prompts] == ["Left_Kidney", "cyst"]


@pytest.mark.parametrize(("label", "mask", "labels"), [
    ("Liver", [[7], [0], [0], [7]], {"Liver": 7}),
    ("cyst", [[300], [300], [0], [300]], {"cyst": 300}),
    ("", [[1], [1], [0], [1]], {"liver": 1}),
])  # fmt: skip
def test_the_structure_that_was_asked_for(label: str, mask: list, labels: dict) -> None:
    values = np.array([[[1], [2]], [[0], [1]]], np.uint8)
    result = InferResult(Region.whole((2, 2, 1)), values, (2, 2, 1), {"liver": 1, "spleen": 2}, {})
    request = InferRequest(IMAGE, "x", label=label, labels={"Liver": 7, "cyst": 300} if label else {})
    found = asked_structure(result, request)
    assert found.labels == labels
    assert found.mask.reshape(4, 1).tolist() == mask
