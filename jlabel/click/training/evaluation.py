"""How a click network is judged while it is trained: sessions of clicks about the structures of images kept aside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from monai.engines.utils import IterationEvents
from monai.transforms import Transform
from monai.utils.enums import CommonKeys as Keys

from jlabel.click.answer import ClickNetwork
from jlabel.click.network import Design
from jlabel.click.training.parts import STRUCTURE, Part
from jlabel.click.training.sessions import ClickSession

# Structures of an image: each costs as many answers as there are clicks.
_MOST = 8


class EachPart(Transform):  # type: ignore[misc]
    """Each of the :class:`Parts` under ``"image"`` as an item of its own, the same at every call.

    ``image`` ``(colours, ...)``, ``label`` ``(1, ...)`` with 1 for the structure, ``spacing``, ``shape``, ``extent`` in
    mm and ``of_class``. All items have the size of the largest part, since they come as a batch; ``shape`` says how
    much of that is the part.
    """

    def __call__(self, data: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The items."""
        parts = list(data["image"][:_MOST])
        largest = np.max([part.classes.shape for part in parts], axis=0).tolist()
        return [{**_item(part, largest), "id": data["id"]} for part in parts]


def _item(part: Part, size: list[int]) -> dict[str, Any]:
    spatial = part.classes.ndim
    channels = part.image[None] if part.image.ndim == spatial else np.moveaxis(part.image, -1, 0)
    behind = [(0, whole - n) for whole, n in zip(size, part.classes.shape, strict=True)]
    image = torch.from_numpy(np.pad(channels, [(0, 0), *behind]))
    label = torch.from_numpy(np.pad((part.classes == STRUCTURE).astype(np.float32), behind))[None]
    spacing, shape = torch.tensor(part.spacing, dtype=torch.float64), torch.tensor(part.classes.shape)
    numbers = {"extent": part.extent, "of_class": part.of_class}
    return {"image": image, "label": label, "spacing": spacing, "shape": shape, **numbers}


@dataclass(frozen=True)
class ClickValidation:
    """What the evaluator does with the structures of an image: clicks, and the last mask.

    Attributes:
        design: Of the network.
        clicks: How many.
        extents: Asked for the extent in mm that is to be expected of a class; one that is not there is as it is.
        precision: What the network computes with.
    """

    design: Design
    clicks: int
    extents: Callable[[], Mapping[int, float]]
    precision: Callable[[], Any]

    def __call__(self, engine: Any, batchdata: dict[str, Any]) -> dict[str, Any]:
        """``pred``, 1 and -1, of the items of :class:`EachPart`."""
        engine.network.eval()
        elsewhere = _Elsewhere(engine.network, engine.state.device, self.precision)
        network, extents = ClickNetwork(elsewhere, self.design), self.extents()
        image, label = batchdata["image"], batchdata["label"]
        pred = -torch.ones_like(label)
        for number, shape in enumerate(batchdata["shape"].tolist()):
            inside = tuple(slice(0, n) for n in shape)
            extent = extents.get(int(batchdata["of_class"][number]), float(batchdata["extent"][number]))
            array = np.moveaxis(image[number][(slice(None), *inside)].numpy(), 0, -1)
            array = array[..., 0] if array.shape[-1] == 1 else array
            session = ClickSession(network, array, batchdata["spacing"][number].tolist(), extent)
            *_, mask = session.masks(label[number, 0][inside].numpy() > 0, self.clicks)
            pred[number, 0][inside] = torch.from_numpy(np.where(mask, np.float32(1), np.float32(-1)))
        engine.state.output = {Keys.IMAGE: image, Keys.LABEL: label, Keys.PRED: pred}
        engine.fire_event(IterationEvents.FORWARD_COMPLETED)
        engine.fire_event(IterationEvents.MODEL_COMPLETED)
        output: dict[str, Any] = engine.state.output
        return output


class _Elsewhere(torch.nn.Module):
    """A network on some device and in some precision, asked from the CPU in float32."""

    def __init__(self, network: torch.nn.Module, device: torch.device, precision: Callable[[], Any]) -> None:
        super().__init__()
        self.network = network
        self.device = device
        self.precision = precision

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """The logits."""
        with self.precision():
            logits: torch.Tensor = self.network(inputs.to(self.device))
        return logits.float().cpu()
