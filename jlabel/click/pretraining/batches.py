"""Batches to learn from: images with one structure each that is meant."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from jlabel.click.inputs import normalise
from jlabel.click.network import Design
from jlabel.click.pretraining.fields import Device
from jlabel.click.pretraining.real_pictures import Pictures
from jlabel.click.pretraining.rendering import degrade, render
from jlabel.click.pretraining.shapes import make_scene
from jlabel.click.pretraining.targets import choose_targets, other_structures

_REAL = 0.3  # of a batch of pictures
_OTHERS = 0.15


@dataclass
class Batch:
    """What is learnt from at a time.

    Attributes:
        image: Normalised, ``(batch, colours, ...)``.
        target: The structure that is meant, ``(batch, 1, ...)``, 0 and 1.
        others: Voxels that are known to be another structure: filled in the negative channel.
    """

    image: Tensor
    target: Tensor
    others: Tensor


@torch.no_grad()
def make_batch(design: Design, batch: int, device: Device, pictures: Pictures | None) -> Batch:
    """Images with a structure each; those where none is worth learning are left out.

    Args:
        design: Says how large, and of how many colours.
        batch: How many at most.
        device: Where they are made.
        pictures: Real ones for a part of the batch; only in 2D.
    """
    real = 0 if pictures is None else int(batch * _REAL)
    scene = make_scene(batch - real, design.size, design.dimension, device)
    image = render(scene.labels, design.colours)
    labels, groups = scene.labels, scene.groups
    if pictures is not None and real:
        found, parts, wholes = pictures.crops(real, design.size)
        image = torch.cat([image, found])
        labels, groups = torch.cat([labels, parts]), torch.cat([groups, wholes])
    target, good = choose_targets(labels, groups)
    others = other_structures(labels, target, _OTHERS)
    order = torch.randperm(len(image), device=image.device)
    image, target, others, good = image[order], target[order], others[order], good[order]
    image = degrade(image)
    if design.colours > 1:  # grey pictures have three channels that are equal
        grey = torch.rand(len(image), device=image.device).view(-1, 1, 1, 1) < 0.4
        image = torch.where(grey, image.mean(dim=1, keepdim=True), image)
    return Batch(normalise(image)[good], target[good], others[good])
