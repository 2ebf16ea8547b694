"""The mask of a bundle: which of its results it is, and what the values in it mean."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from jlabel.bundles.answers import Answer, with_meta
from jlabel.errors import TaskError


def test_the_first_key_that_is_there_has_the_mask() -> None:
    data = {"type_map": np.array([[[0, 1]]]), "pred": {"not": "a mask"}}
    assert Answer(["pred", "instance_map", "type_map"], {"a": 1, "b": 2}, "b")(data)["pred"].tolist() == [[[0, 1]]]
    with pytest.raises(TaskError, match="bundle 'b' leaves no mask under 'pred'"):
        Answer(["pred"], {"a": 1}, "b")({})


def test_every_value_of_the_only_structure_is_that_structure() -> None:
    mask = torch.tensor([[[0, 255, 3]]])
    assert Answer(["pred"], {"tool": 2}, "b")({"pred": mask})["pred"].tolist() == [[[0, 2, 2]]]


def test_values_without_a_name_are_told() -> None:
    with pytest.raises(TaskError, match=r"values that no label has \(4; 'a' is 1, 'b' is 2\): say what they are"):
        Answer(["pred"], {"a": 1, "b": 2}, "b")({"pred": torch.tensor([[[0, 1, 4]]])})


def test_a_label_map_of_regions_is_refused() -> None:
    answer = Answer(["pred"], {"core": 1, "whole": 2}, "b", by_channel=True)
    with pytest.raises(TaskError, match=r"makes one label map of its regions \(core, whole\)"):
        answer({"pred": torch.tensor([[[0, 1, 2]]])})
    assert answer({"pred": torch.zeros(2, 1, 1)})["pred"].shape == (2, 1, 1)


def test_a_result_knows_the_meta_data_of_its_image() -> None:
    image = MetaTensor(torch.zeros(1, 2, 2), affine=torch.diag(torch.tensor([2.0, 2, 1, 1])))
    found = with_meta({"a": torch.zeros(3, 2, 2), "b": "text"}, image)
    assert torch.equal(found["a"].affine, image.affine)
    assert found["b"] == "text"
    assert with_meta(torch.zeros(1), torch.zeros(1)).shape == (1,)
