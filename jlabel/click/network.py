"""The two networks behind a click: what goes in, and how they are made."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jlabel.errors import TaskError

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Design:
    """What a click network is made for.

    Attributes:
        dimension: 2 for pictures and slices, 3 for volumes.
        colours: Channels of the image that goes in.
        size: Voxels along each edge of its input.
        disc: Radius with which a click is drawn, in voxels of the input.
        features: Of each stage; each stage after the first halves every axis.
    """

    dimension: int
    colours: int
    size: int
    disc: float
    features: tuple[int, ...]

    @property
    def channels(self) -> int:
        """Channels of the input: see :func:`jlabel.click.inputs.network_input`."""
        return self.colours + 5


DESIGNS = {
    2: Design(dimension=2, colours=3, size=192, disc=3.5, features=(24, 48, 96, 160, 192)),
    3: Design(dimension=3, colours=1, size=64, disc=2.0, features=(8, 16, 32, 64, 128)),
}


WEIGHTS = Path(__file__).parent / "weights"
#: Of the files there.
SHA256 = {
    2: "8e154632945c2ed3e5573866db3ae309d64ce779c26c19c797ff15ed2f4321c5",
    3: "6f11f9397bf4fc715c01d55f5360bb261b9a8aac5820544e529bd5ece543706f",
}
_LOADED: dict[int, torch.nn.Module] = {}
_LOADING = threading.Lock()


def make_network(design: Design) -> torch.nn.Module:
    """A residual U-Net with one logit out, with weights as they are before any training."""
    from jlabel.click.unet import ResidualUNet  # with torch, which takes a second to import

    return ResidualUNet(design.dimension, design.channels, design.features)


def shipped_network(dimension: int) -> torch.nn.Module:
    """The network with the weights that are part of the package, ready to answer; made once for all that ask.

    Raises:
        TaskError: The file is missing or is not the one that belongs here.
    """
    with _LOADING:
        if dimension not in _LOADED:
            _LOADED[dimension] = _load(dimension)
        return _LOADED[dimension]


def _load(dimension: int) -> torch.nn.Module:
    from safetensors.torch import load

    file = WEIGHTS / f"click_{dimension}d.safetensors"
    try:
        content = file.read_bytes()
    except OSError as error:
        raise TaskError(f"{file}: the weights of the click network are missing: install jlabel again") from error
    if hashlib.sha256(content).hexdigest() != SHA256[dimension]:
        raise TaskError(f"{file}: these are not the weights that belong to this jlabel: install it again")
    network = make_network(DESIGNS[dimension])
    put_weights(network, load(content))
    return network.eval()


def put_weights(network: torch.nn.Module, tensors: Mapping[str, torch.Tensor]) -> None:
    """Put tensors of any float type into a network, by the names of its parameters, each of which is given once.

    Raises:
        TaskError: There are other names or shapes than the network has.
    """
    parameters = dict(network.named_parameters())
    if parameters.keys() != tensors.keys() or any(p.shape != tensors[n].shape for n, p in parameters.items()):
        raise TaskError("these weights are of another click network")
    for name, parameter in parameters.items():
        parameter.data.copy_(tensors[name])
