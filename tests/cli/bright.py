"""A model for the tests: what is bright."""

from __future__ import annotations

import time
from typing import Any

import jlabel


class Bright(jlabel.InferTask):
    """Everything from an intensity on; or a failure."""

    def __init__(self, labels: list[str], low: float = 0, fails: bool = False) -> None:
        super().__init__(labels=labels)
        self.low, self.fails = low, fails

    def pre_transforms(self, data: dict[str, Any]) -> list[Any]:
        from monai.transforms import EnsureChannelFirstd, LoadImaged

        if self.fails:
            raise RuntimeError("no light")
        return [LoadImaged("image"), EnsureChannelFirstd("image")]

    def inferer(self, data: dict[str, Any]) -> list[Any]:
        return [lambda data: {**data, "pred": data["image"] >= self.low}]

    def post_transforms(self, data: dict[str, Any]) -> list[Any]:
        return []


class Count(jlabel.TrainTask):
    """Learns how many voxels are labelled, in steps that can be cancelled; or fails."""

    def __init__(self, steps: int = 1, fails: bool = False) -> None:
        super().__init__("Counts")
        self.steps, self.fails = steps, fails

    def __call__(self, request: dict[str, Any], datastore: jlabel.Datastore) -> dict[str, Any]:
        if self.fails:
            raise RuntimeError("cannot count")
        for step in range(self.steps):
            request["run"].check_cancelled()
            request["run"].progress(step / self.steps)
            time.sleep(0 if self.steps == 1 else 0.05)
        return {"images": datastore.count_labeled(), "asked": request.get("asked")}
