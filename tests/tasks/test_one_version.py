from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from jlabel.imaging import Image
from jlabel.registry import ModelStore, ModelVersion, PublishedModel
from jlabel.tasks import InferRequest, InferTask
from jlabel.tasks.one_version import at_version


class Threshold(InferTask):
    """Finds what is brighter than the weight of its network."""

    def pre_transforms(self, data):
        from monai.transforms import EnsureChannelFirstd, LoadImaged

        return [LoadImaged("image"), EnsureChannelFirstd("image")]

    def inferer(self, data):
        return lambda image, network: network(image)

    def post_transforms(self, data):
        return []


class Brighter(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.least = torch.nn.Parameter(torch.zeros(1))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return (image > self.least).to(torch.uint8)


def test_a_task_held_to_a_version_uses_it_whichever_is_in_use(tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    for least in (10.0, 20.0):
        save_file({"least": torch.tensor([least])}, tmp_path / "new.safetensors")
        store.publish(ModelVersion("bright", 0, labels={"organ": 1}), tmp_path / "new.safetensors")
    store.use("bright", 2)
    task = Threshold(network=Brighter(), labels=["organ"], published=PublishedModel(store, "bright"))
    request = InferRequest(Image(np.full((4, 4, 4), 15.0), np.eye(4)), "a", labels={"organ": 1})
    held = at_version(task, store.versions("bright")[0])
    assert (held(request).version, int(held(request).mask.max())) == (1, 1)
    assert (task(request).version, int(task(request).mask.max())) == (2, 0)
    store.use("bright", 1)
    assert task(request).version == 1
