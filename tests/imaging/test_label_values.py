"""What a label holds, from whatever array it comes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from jlabel.errors import LabelError
from jlabel.imaging.label_values import label_array, label_values, present_values

SHAPE = (4, 5, 6)
SUBJECT = "the label of 'x'"


@pytest.mark.parametrize(
    "mask",
    [
        np.ones(SHAPE, bool),
        np.ones(SHAPE, np.int64),
        np.ones(SHAPE, np.float32),
        np.ones(SHAPE, int).tolist(),
        torch.ones(*SHAPE, dtype=torch.uint8),
        torch.ones(*SHAPE, dtype=torch.bool),
        torch.ones(*SHAPE, requires_grad=True),
        MetaTensor(torch.ones(*SHAPE)),
        MetaTensor(torch.ones(1, *SHAPE)),
        np.asfortranarray(np.ones(SHAPE, ">u2")),
    ],
)
def test_arrays_tensors_and_lists_are_labels(mask: object) -> None:
    values = label_array(mask, SUBJECT, SHAPE)
    assert (values.shape, values.dtype) == (SHAPE, np.uint8)
    assert (values == 1).all()


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (-np.ones(SHAPE, int), r"^the label of 'x': holds negative values \(-1\)"),
        (np.full(SHAPE, 0.5), r"no whole number \(0\.5\).*mask > 0\.5"),
        (torch.full(SHAPE, 0.3), r"\(0\.3\)"),
        (torch.ones(*SHAPE, dtype=torch.bfloat16), r"mask\.to\(torch\.uint8\)"),
        (torch.ones(*SHAPE, dtype=torch.complex64), "whole numbers, not complex64"),
        (np.ones((2, *SHAPE), int), r"shape \(2, 4, 5, 6\), and its image \(4, 5, 6\)"),
        (np.ones((4, 5), int), "shape"),
        ([[1, 2], [3]], "different lengths"),
        ([["a"]], "whole numbers, not <U1"),
        (Path("mask.nii.gz"), r"not the path 'mask\.nii\.gz'.*read_label"),
        ("mask.png", "not the path"),
        (None, "not a NoneType"),
        ({"mask": 1}, "not a dict"),
        (np.array(["a"]), "shape"),
        (
            np.ma.masked_array(np.ones(SHAPE, int), mask=np.eye(5, 6, dtype=bool)[None].repeat(4, 0)),
            r"mask\.filled\(0\)",
        ),
    ],
)
def test_anything_else_is_refused_in_terms_of_the_argument(mask: object, words: str) -> None:
    with pytest.raises(LabelError, match=words) as caught:
        label_array(mask, SUBJECT, SHAPE)
    assert str(caught.value).startswith(SUBJECT)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_nearly_whole_is_rounded_and_said(dtype: type) -> None:
    notes: dict[str, str] = {}
    values = np.array([0, 0.9999999, 2.9996, -1e-6, 255.0005], dtype)
    assert label_values(values, "a", notes).tolist() == [0, 1, 3, 0, 255]
    assert "4 values that are nearly whole numbers" in notes["values"]
    with pytest.warns(UserWarning, match="nearly whole numbers"):
        label_values(values, "a")


@pytest.mark.parametrize("value", [2.98, 0.998, 0.5, -0.4, 1e6 + 0.25])
def test_what_is_not_is_refused_in_words_that_show_it(value: float) -> None:
    with pytest.raises(LabelError) as caught:
        label_values(np.array([0, 1, value]), "a", {})
    assert f"1 voxels hold no whole number ({value})" in str(caught.value)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("top", [7, 300, 70_000, 2**32 - 1])
def test_the_values_that_are_there(top: int, order: str) -> None:
    values = np.zeros(SHAPE, np.uint32, order=order)
    values[1, 2, 3], values[3] = 5, top
    assert present_values(values) == {0, 5, top}
    assert present_values(np.zeros((0, 3), np.uint8)) == set()
