"""Networks for pictures that begin with what the click tool's network knows: edges, textures, what a thing is.

The click tool's 2D network has learnt on made images and photographs to tell a thing from what is around it. With its
weights a network for polyps is after a twentieth of the pictures where one that begins with nothing comes to at last.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from jlabel.click.network import DESIGNS, shipped_network
from jlabel.click.unet import ResidualUNet
from jlabel.segmentation.any_size import at_any_size

#: Where the click tool's network has the colours, and the positive and the negative prompts, in its input.
COLOURS, POSITIVE, NEGATIVE = (0, 1, 2), 4, 5
_OUTPUT = "output_block"


class PictureNetwork(ResidualUNet):
    """The click tool's U-Net for pictures of any size, with other channels in and out.

    Args:
        inputs: Channels of the input.
        classes: Channels of the output.
        dropout: The share of features that training drops, but for those of the full grid.
    """

    def __init__(self, inputs: int, classes: int, dropout: float = 0.0) -> None:
        features = DESIGNS[2].features
        super().__init__(2, inputs, features, dropout)
        self.output_block = torch.nn.Conv2d(features[0], classes, 1)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """``(batch, classes, i, j)``, from ``(batch, inputs, i, j)``."""
        divisor = 2 ** (len(DESIGNS[2].features) - 1)
        return at_any_size(super().forward, image, (divisor, divisor))


def begin_with_click_weights(network: torch.nn.Module, colours: int, guidance: Sequence[int] = ()) -> None:
    """Give a :class:`PictureNetwork` the weights of the click tool's network, all but those of its last layer.

    Args:
        network: Changed in place.
        colours: Channels of the picture, which come first: 3, or 1 for grey, which is as three equal ones.
        guidance: For each channel after them, which of the click tool's it is; none where they are new.
    """
    known = dict(shipped_network(2).named_parameters())
    for name, parameter in network.named_parameters():
        if name.startswith(_OUTPUT):
            continue
        values = known[name].detach()
        if parameter.shape == values.shape:
            parameter.data.copy_(values)
            continue
        # The first layer: of the input's channels those that the network has.
        seen = values[:, list(COLOURS)]
        parameter.data[:, :colours] = seen if colours == len(COLOURS) else seen.sum(dim=1, keepdim=True)
        for channel, source in enumerate(guidance, start=colours):
            parameter.data[:, channel] = values[:, source]
