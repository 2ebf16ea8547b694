"""From the scores of a network to the probability of each class, and classifications of an author's own."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from jlabel.app import LabelApp
from jlabel.errors import TaskError
from jlabel.imaging import Image
from jlabel.labels import Classification
from jlabel.tasks import BasicInferTask, InferRequest, InferType
from jlabel.tasks.image_classes import class_chances

TWO = ("in body", "out of body")


@pytest.mark.parametrize(
    ("scores", "second"),
    [
        (torch.tensor([0.25, 0.75]), 0.75),
        (np.array([[[1.0]], [[1.0]]]), 0.5),
        (torch.tensor([2.0, 2.0 + np.log(3)]), 0.75),
        (torch.tensor([0.0, 1.0]), 1.0),
        (torch.tensor([0.75]), 0.75),
        (torch.tensor(-np.log(3)), 0.25),
    ],
)
def test_probabilities_stay_and_logits_become_some(scores, second):
    assert class_chances(scores, TWO) == pytest.approx({"in body": 1 - second, "out of body": second}, abs=1e-6)


@pytest.mark.parametrize(
    ("scores", "said"),
    [([0.2, 0.3, 0.5], "gives 3 scores for 2 classes"), ([float("nan"), 0.5], "the network's answer is no number")],
)
def test_what_is_no_score_for_each_class_is_refused(scores, said):
    with pytest.raises(TaskError, match=said):
        class_chances(torch.tensor(scores), TWO)


def in_body(**options):
    """As MONAI Label's own task: bright pictures are out of the body."""
    return BasicInferTask(
        pre_transforms=[lambda data: {**data, "image": torch.tensor([0.5])}],
        inferer=[lambda data: {**data, "pred": torch.tensor([0.1, 0.9])}],
        type=InferType.CLASSIFICATION,
        **options,
    )


def test_a_classification_of_an_author_has_the_name_of_its_model_and_its_labels_as_classes(tmp_path):
    class MyApp(LabelApp):
        def init_infers(self):
            return {"inbody": in_body(labels={"InBody": 0, "OutBody": 1})}

    app = MyApp(tmp_path, ["polyp"])
    assert app.tags == (Classification("inbody", ("InBody", "OutBody")),)
    assert app.info()["tags"] == {"inbody": ["InBody", "OutBody"]}
    result = app.infers["inbody"](InferRequest(Image(np.zeros((4, 4), np.uint8), np.eye(4)), "a"))
    assert result.tags["inbody"] == pytest.approx({"InBody": 0.1, "OutBody": 0.9})
    assert result.info["prediction"][1] == {"idx": 1, "label": "OutBody", "score": pytest.approx(0.9)}
    assert (result.labels, int(result.mask.max())) == ({}, 0)
    assert "OutBody 90%" in result._repr_html_()


def test_labels_that_are_no_list_of_classes_tell_no_tags():
    assert in_body(labels={"a": 1, "b": 2}).class_names == ()
    assert in_body(labels="a").class_names == ()
    assert not in_body().makes_masks
