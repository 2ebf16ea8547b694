"""Infer tasks with the keywords, hooks and callbacks that authors of MONAI Label apps know."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from monai.inferers import SlidingWindowInferer
from monai.transforms import Activationsd, AsDiscreted, EnsureChannelFirstd, LoadImaged, Orientationd, Spacingd

import jlabel
from jlabel import CallBackTypes, InferType
from jlabel.imaging.image import Image


@pytest.fixture
def request_() -> jlabel.InferRequest:
    array = np.zeros((8, 6, 4), np.float32)
    array[2:5, 1:4, 1:3] = 3
    return jlabel.InferRequest(Image(array, np.diag([1.0, 1, 2, 1])), "case_0", labels={"liver": 1})


class Bright(jlabel.InferTask):
    def __init__(self, network: torch.nn.Module | None = None, **options: Any) -> None:
        super().__init__(None, network or torch.nn.Identity(), labels={"liver": 1, "background": 0}, **options)

    def pre_transforms(self, data: Any = None) -> list[Any]:
        return [LoadImaged("image"), EnsureChannelFirstd("image")]

    def post_transforms(self, data: Any = None) -> list[Any]:
        return [AsDiscreted(self.output_label_key, threshold=1)]


def test_keys_of_the_authors_own(request_: jlabel.InferRequest) -> None:
    class Named(Bright):
        def pre_transforms(self, data: Any = None) -> list[Any]:
            return [*super().pre_transforms(data), lambda data: {**data, "scan": data["image"] * 2}]

        def post_transforms(self, data: Any = None) -> list[Any]:
            return [*super().post_transforms(data), lambda data: {**data, "told": {"volume": np.float32(2)}}]

    result = Named(input_key="scan", output_label_key="mask", output_json_key="told")(request_)
    assert int(result.mask.sum()) == 18
    assert result.info == {"volume": 2.0}
    assert Named(output_label_key="mask", output_json_key="told", skip_writer=True)(request_).info == {}


def test_a_window_slides_by_itself_over_what_is_larger() -> None:
    task = Bright(roi_size=(4, 4, 4))
    window = task.inferer({"image": torch.zeros(1, 8, 6, 4), "sw_overlap": 0.5})
    assert isinstance(window, SlidingWindowInferer)
    assert window.overlap == 0.5
    assert not isinstance(task.inferer({"image": torch.zeros(1, 4, 4, 4)}), SlidingWindowInferer)
    assert not isinstance(Bright().inferer({"image": torch.zeros(1, 8, 6, 4)}), SlidingWindowInferer)


def test_weights_that_fit_in_part(tmp_path: Path) -> None:
    torch.save({"model": {"weight": torch.full((1, 1, 1, 1, 1), 2.0)}}, tmp_path / "weights.pt")
    network = torch.nn.Conv3d(1, 1, 1)
    task = Bright(network, load_strict=False)
    task.paths = [tmp_path / "weights.pt"]
    task.load_network("cpu")
    assert float(network.weight.detach().ravel()[0]) == 2
    strict = Bright(torch.nn.Conv3d(1, 1, 1))
    strict.paths = task.paths
    with pytest.raises(jlabel.TaskError, match="another network"):
        strict.load_network("cpu")
    other = Bright(torch.nn.BatchNorm3d(1, affine=False), load_strict=False)
    other.paths = task.paths
    with pytest.raises(jlabel.TaskError, match="none of these weights"):
        other.load_network("cpu")


def test_train_mode_and_preload(tmp_path: Path) -> None:
    assert Bright(train_mode=True, network=torch.nn.Dropout()).load_network("cpu").training  # type: ignore[union-attr]
    (tmp_path / "weights.pt").write_text("no weights")
    with pytest.raises(jlabel.TaskError, match="not a file of tensors"):
        jlabel.BasicInferTask(
            [EnsureChannelFirstd("image")], network=torch.nn.Identity(), path=tmp_path / "weights.pt", preload=True
        )


def test_weights_without_a_network_are_refused(tmp_path: Path, request_: jlabel.InferRequest) -> None:
    (tmp_path / "model.ts").touch()

    class Scripted(Bright):
        def __init__(self) -> None:
            jlabel.InferTask.__init__(self, tmp_path / "model.ts", labels=["liver"])

    with pytest.raises(jlabel.TaskError, match=r"no network: give network=…; a TorchScript"):
        Scripted()(request_)


def test_callbacks_see_and_change_the_data_of_each_stage(request_: jlabel.InferRequest) -> None:
    seen = []

    def look(stage: CallBackTypes) -> Any:
        def looked(data: dict[str, Any]) -> dict[str, Any]:
            seen.append(stage)
            return data if stage != CallBackTypes.INFERER else {**data, "pred": data["pred"] * 0}

        return looked

    result = Bright()(request_, callbacks={stage: look(stage) for stage in CallBackTypes})
    assert seen == list(CallBackTypes)
    assert int(result.mask.sum()) == 0
    with pytest.raises(jlabel.TaskError, match="no stage 'LATER'"):
        Bright()(request_, callbacks={"LATER": look(CallBackTypes.WRITER)})
    with pytest.raises(jlabel.TaskError, match="returned NoneType: it must return the data"):
        Bright()(request_, callbacks={"WRITER": lambda data: None})
    with pytest.raises(jlabel.TaskError, match="takes no callbacks"):
        jlabel.ClassicClickSegment()(request_, callbacks={"WRITER": look(CallBackTypes.WRITER)})


def test_an_authors_run_inferer_and_writer(request_: jlabel.InferRequest) -> None:
    class Own(Bright):
        def run_inferer(self, data: Any, convert_to_batch: bool = True, device: str = "cuda") -> Any:
            data["image"] = data["image"][None]
            output = super().run_inferer(data, False, device)
            output["pred"] = output["pred"][0]
            return output

        def writer(self, data: Any, extension: Any = None, dtype: Any = None) -> Any:
            return "somewhere.json", {"voxels": int(data["pred"].sum())}

    result = Own()(request_)
    assert result.info == {"voxels": 18, "file": "somewhere.json"}
    assert int(result.mask.sum()) == 18


def test_a_classification_tells_scores_and_has_no_mask(request_: jlabel.InferRequest) -> None:
    class Pooled(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.tensor([[3.0, 1.0]])

    class Classify(Bright):
        def __init__(self) -> None:
            super().__init__(Pooled(), type=InferType.CLASSIFICATION)
            self.labels = {"in body": 0, "out of body": 1}

        def post_transforms(self, data: Any = None) -> list[Any]:
            return [Activationsd("pred", softmax=True)]

    result = Classify()(request_)
    assert [one["label"] for one in result.info["prediction"]] == ["in body", "out of body"]
    assert sum(one["score"] for one in result.info["prediction"]) == pytest.approx(1)
    assert not result.mask.any()


def test_a_detector_tells_boxes(request_: jlabel.InferRequest) -> None:
    class Detector:
        network: Any = None

        def __call__(self, batch: torch.Tensor, use_inferer: bool) -> list[dict[str, torch.Tensor]]:
            assert self.network is not None
            return [{"box": torch.tensor([[2.0, 1, 1, 5, 4, 3]]), "label": torch.tensor([0])}]

    class Detect(Bright):
        def __init__(self) -> None:
            super().__init__(type=InferType.DETECTION)

        def detector(self, data: Any = None) -> Any:
            return Detector()

        def post_transforms(self, data: Any = None) -> list[Any]:
            return []

    result = Detect()(request_)
    assert result.info == {"box": [[2, 1, 1, 5, 4, 3]], "label": [0]}
    assert "[[2.0, 1.0, 1.0, 5.0, 4.0, 3.0]]" in result._repr_html_()
    assert "&lt;b&gt;" in dataclasses.replace(result, info={"name": "<b>"})._repr_html_()


def test_clicks_come_by_the_names_of_structures(request_: jlabel.InferRequest) -> None:
    class Clicked(Bright):
        def __init__(self) -> None:
            super().__init__(type=InferType.DEEPEDIT)

        def pre_transforms(self, data: Any = None) -> list[Any]:
            assert data is not None
            self.given = {name: data[name] for name in ("foreground", "background", "liver")}
            return super().pre_transforms(data)

    task = Clicked()
    assert task.interactive
    prompts = (jlabel.Click((3, 2, 1)), jlabel.Click((0, 0, 0), positive=False))
    task(jlabel.InferRequest(request_.image, "case_0", prompts, "liver", {"liver": 1}))
    assert task.given == {"foreground": [[3, 2, 1]], "background": [[0, 0, 0]], "liver": [[3, 2, 1]]}


def test_transforms_to_invert_by_their_classes(request_: jlabel.InferRequest) -> None:
    class Turned(Bright):
        chosen: Any = (Spacingd, "Orientationd")

        def pre_transforms(self, data: Any = None) -> list[Any]:
            turned = Orientationd("image", axcodes="LPS", labels=None)
            return [*super().pre_transforms(data), turned, Spacingd("image", (1, 1, 1))]

        def inverse_transforms(self, data: Any = None) -> Any:
            return list(self.chosen)

    assert Turned()(request_).mask.shape == (8, 6, 4)
    Turned.chosen = ("Resized",)
    with pytest.raises(jlabel.TaskError, match="names Resized, and there is no such transform"):
        Turned()(request_)


def test_a_failing_transform_is_named_with_its_place_keys_and_what_it_was_given(request_: jlabel.InferRequest) -> None:
    class Broken(Bright):
        def pre_transforms(self, data: Any = None) -> list[Any]:
            return [*super().pre_transforms(data), Spacingd(("image", "mask"), (1, 1, 1))]

    expected = (
        r"pre transform Spacingd failed: KeyError: .*mask.*\(transform 3 of 3, keys image, mask; it was given "
        r"image: float32 \(1, 8, 6, 4\), .*\)"
    )
    with pytest.raises(jlabel.TaskError, match=f"(?s){expected}"):
        Broken()(request_)


def test_a_hook_that_raises_is_shown_with_its_own_lines(request_: jlabel.InferRequest) -> None:
    class Broken(Bright):
        def post_transforms(self, data: Any = None) -> list[Any]:
            return [self.absent]  # type: ignore[attr-defined]

    expected = (
        r"Broken\.post_transforms failed: AttributeError: .*\n  .*test_monailabel_keywords\.py, line \d+, in post_"
    )
    with pytest.raises(jlabel.TaskError, match=f"(?s){expected}.*return \\[self\\.absent\\]"):
        Broken()(request_)


def test_deepgrow_transforms_get_the_meta_data_that_they_ask_for(request_: jlabel.InferRequest) -> None:
    from monai.apps.deepgrow.transforms import SpatialCropForegroundd

    class Cropped(Bright):
        def pre_transforms(self, data: Any = None) -> list[Any]:
            return [*super().pre_transforms(data), SpatialCropForegroundd("image", "image", spatial_size=(8, 6, 4))]

    assert Cropped()(request_).mask.shape == (8, 6, 4)


def test_a_basic_infer_task_may_be_subclassed_instead(request_: jlabel.InferRequest) -> None:
    class Own(jlabel.BasicInferTask):
        def pre_transforms(self, data: Any = None) -> list[Any]:
            return [LoadImaged("image"), EnsureChannelFirstd("image")]

        def post_transforms(self, data: Any = None) -> list[Any]:
            return [AsDiscreted("pred", threshold=1)]

    assert int(Own(network=torch.nn.Identity(), labels="liver", load_strict=False)(request_).mask.sum()) == 18
    with pytest.raises(jlabel.TaskError, match=r"give BasicInferTask pre_transforms=\[…\]"):
        jlabel.BasicInferTask(network=torch.nn.Identity())
