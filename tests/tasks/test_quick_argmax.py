"""The quick way to the most likely class gives what MONAI's gives, to the type and the meta data."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from monai.transforms import Activationsd, AsDiscreted

from jlabel.tasks.quick_argmax import quick_argmax

ARGMAX = AsDiscreted(keys="pred", argmax=True)


@pytest.mark.parametrize("shape", [(3, 5, 4, 6), (2, 7, 3), (1, 4, 4, 4), (105, 3, 3, 3)])
@pytest.mark.parametrize("kind", ["tensor", "meta", "array", "integers", "turned"])
def test_it_gives_what_monai_gives(shape: tuple[int, ...], kind: str) -> None:
    # Few values, so that many channels are equal.
    values = np.random.default_rng(0).integers(0, 3, shape).astype(np.float32)
    pred = {
        "tensor": torch.from_numpy(values),
        "meta": MetaTensor(torch.from_numpy(values), affine=torch.diag(torch.tensor([2.0, 3, 4, 1]))),
        "array": values,
        "integers": torch.from_numpy(values).int(),
        "turned": torch.from_numpy(values).flip(1).transpose(1, 2),
    }[kind]
    mine, monais = quick_argmax(ARGMAX)({"pred": pred, "x": 1}), ARGMAX({"pred": pred, "x": 1})
    np.testing.assert_array_equal(np.asarray(mine["pred"]), np.asarray(monais["pred"]))
    assert type(mine["pred"]) is type(monais["pred"])
    assert mine["pred"].dtype == monais["pred"].dtype
    assert mine["x"] == 1
    if kind == "meta":
        assert torch.equal(mine["pred"].affine, pred.affine)


@pytest.mark.parametrize(
    "step",
    [
        Activationsd("pred", softmax=True),
        AsDiscreted("pred", threshold=0.5),
        AsDiscreted("pred", argmax=True, to_onehot=3),
        AsDiscreted("pred", argmax=True, dim=1),
        AsDiscreted(["pred", "label"], argmax=[True, False]),
        AsDiscreted("label", argmax=True),
        lambda data: data,
    ],
)
def test_every_other_step_stays_as_it_is(step: object) -> None:
    assert quick_argmax(step) is step
