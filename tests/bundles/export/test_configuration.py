"""Objects as the configuration that makes them again."""

from __future__ import annotations

import enum
import json
import math

import numpy as np
import pytest
import torch
from ignite.metrics import Metric
from monai.bundle import ConfigParser
from monai.inferers import Inferer, SlidingWindowInferer
from monai.losses import DiceCELoss
from monai.transforms import (
    AsDiscreted,
    Compose,
    Lambdad,
    NormalizeIntensityd,
    ScaleIntensityRanged,
    Spacingd,
    Transform,
)

from jlabel.bundles.export.configuration import Configuration, plain_text, target
from jlabel.bundles.export.recording import ConstructorArguments
from jlabel.errors import TaskError
from jlabel.segmentation.picture_steps import Colours
from jlabel.segmentation.volumes_only import VolumesOnly


def configured(make, *kinds):
    with ConstructorArguments(*(kinds or (Transform, Inferer, torch.nn.Module))) as made:
        thing = make()
    return Configuration(made).of(thing)


def made_again(content):
    """What MONAI makes of it, once it was in a file."""
    return ConfigParser({"it": json.loads(json.dumps(content))}).get_parsed_content("it")


class Mode(enum.Enum):
    """A choice."""

    SOFT = "soft"


@pytest.mark.parametrize(
    "value",
    [None, True, 3, 2.5, math.inf, -math.inf, "text", "$5 lesion", [1, "a"], {"a": [1.0]}, torch.float16],
    ids=repr,
)
def test_a_value_comes_back(value) -> None:
    assert made_again(configured(lambda: value)) == value


def test_values_that_json_does_not_have() -> None:
    assert configured(lambda: Mode.SOFT) == "soft"
    assert configured(lambda: (1, (2, 3))) == [1, [2, 3]]
    assert configured(lambda: np.float32(0.5)) == 0.5
    assert made_again(configured(lambda: np.int16)) is np.int16
    assert made_again(configured(lambda: torch.device("cpu"))) == torch.device("cpu")
    array = np.array([[1, 2], [3, 4]], np.uint8)
    found = made_again(configured(lambda: array))
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(found, array)
    assert torch.equal(made_again(configured(lambda: torch.tensor([0.25, 0.5]))), torch.tensor([0.25, 0.5]))
    assert math.isnan(made_again(configured(lambda: math.nan)))


def test_transforms_inferers_and_losses_as_in_the_model_zoo() -> None:
    steps = configured(
        lambda: [ScaleIntensityRanged("image", -57, 164, 0, 1, clip=True), AsDiscreted("pred", argmax=True)]
    )
    assert steps == [
        {
            "_target_": "ScaleIntensityRanged",
            "keys": "image",
            "a_min": -57,
            "a_max": 164,
            "b_min": 0,
            "b_max": 1,
            "clip": True,
        },
        {"_target_": "AsDiscreted", "keys": "pred", "argmax": True},
    ]
    inferer = made_again(configured(lambda: SlidingWindowInferer((8, 8, 4), 2, 0.5, mode="gaussian")))
    assert (inferer.roi_size, inferer.sw_batch_size, inferer.mode) == ([8, 8, 4], 2, "gaussian")
    loss = made_again(configured(lambda: DiceCELoss(to_onehot_y=True, softmax=True)))
    assert isinstance(loss, DiceCELoss)
    nested = configured(lambda: Compose([NormalizeIntensityd("image")]))
    assert nested == {"_target_": "Compose", "transforms": [{"_target_": "NormalizeIntensityd", "keys": "image"}]}


def test_a_function_that_can_be_imported_is_handed_over() -> None:
    step = made_again(configured(lambda: Lambdad("image", torch.abs)))
    assert torch.equal(step({"image": torch.tensor([-1.0])})["image"], torch.tensor([1.0]))


def test_what_the_configuration_has_already_is_referred_to() -> None:
    with ConstructorArguments(Transform) as made:
        step = NormalizeIntensityd("image")
        steps = Compose([step])
    found = Configuration(made, {id(step): "@preprocessing#transforms#2"}).of(steps)
    assert found == {"_target_": "Compose", "transforms": ["@preprocessing#transforms#2"]}


def test_what_cannot_be_written_is_named() -> None:
    class Mine(Transform):
        """Lives in a function, where nobody can import it from."""

        def __call__(self, data):
            return data

    with pytest.raises(TaskError, match=r"Mine is defined in a notebook or inside a function"):
        configured(Mine)
    with pytest.raises(TaskError, match=r"<lambda> is defined in a notebook or inside a function"):
        configured(lambda: Lambdad("image", lambda x: x))
    with pytest.raises(TaskError, match=r"jlabel\.segmentation\.volumes_only\.VolumesOnly is a part of jlabel"):
        configured(VolumesOnly)
    with pytest.raises(TaskError, match=r"a network for pictures cannot be written as a bundle.*\(Colours\)"):
        configured(lambda: Colours(1))
    with pytest.raises(TaskError, match="Sequential was made with arguments that have no name"):
        configured(lambda: torch.nn.Sequential(torch.nn.ReLU()))
    before = Spacingd("image", 1.0)
    with pytest.raises(TaskError, match="it is not known with which arguments this Spacingd was made"):
        configured(lambda: before)


def test_a_class_of_a_notebook_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Mode, "__module__", "__main__")
    with pytest.raises(TaskError, match=r"^Mode is defined in a notebook"):
        target(Mode)


@pytest.mark.parametrize(
    ("kind", "name"),
    [(Spacingd, "Spacingd"), (torch.optim.AdamW, "torch.optim.AdamW"), (Metric, "ignite.metrics.metric.Metric")],
)
def test_what_a_class_is_called(kind, name) -> None:
    assert target(kind) == name


def test_a_text_that_would_be_a_reference_is_refused() -> None:
    assert plain_text("me@example.org") == "me@example.org"
    with pytest.raises(TaskError, match="would be taken for a reference"):
        plain_text("@network")
