"""A small U-Net with dropout from its second stage on, trained for so many steps: what the learning curves are of."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from bench.curve_data import Cases

BATCH, RATE, DROPOUT = 2, 0.01, 0.2


class SmallUNet(torch.nn.Module):
    """Three stages, in two or three dimensions.

    Attributes:
        arguments: What it was made with.
    """

    def __init__(self, dimension: int, inputs: int, classes: int, width: int = 8) -> None:
        super().__init__()
        self.arguments = {"dimension": dimension, "inputs": inputs, "classes": classes, "width": width}
        conv = torch.nn.Conv2d if dimension == 2 else torch.nn.Conv3d
        norm = torch.nn.InstanceNorm2d if dimension == 2 else torch.nn.InstanceNorm3d
        drop = torch.nn.Dropout2d if dimension == 2 else torch.nn.Dropout3d

        def block(before: int, after: int, stride: int = 1, dropout: float = 0.0) -> torch.nn.Sequential:
            layers: list[torch.nn.Module] = []
            for number in range(2):
                step, channels = (stride, before) if number == 0 else (1, after)
                layers += [conv(channels, after, 3, step, 1, bias=False), norm(after, affine=True)]
                layers += [torch.nn.LeakyReLU(0.01, inplace=True)]
            return torch.nn.Sequential(*layers, *([drop(dropout)] if dropout else []))

        self.first = block(inputs, width)
        self.second = block(width, 2 * width, 2, DROPOUT)
        self.third = block(2 * width, 4 * width, 2, DROPOUT)
        self.up_second = block(6 * width, 2 * width, 1, DROPOUT)
        self.up_first = block(3 * width, width)
        self.head = conv(width, classes, 1)

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        first = self.first(batch)
        second = self.second(first)
        third = self.third(second)
        second = self.up_second(torch.cat([_doubled(third), second], 1))
        return self.head(self.up_first(torch.cat([_doubled(second), first], 1)))


def train(cases: Cases, classes: int, steps: int, seed: int, before: SmallUNet | None = None) -> SmallUNet:
    """A network that has learnt from all cases in so many steps, the same for the same seed.

    Args:
        cases: What it learns from.
        classes: With the background.
        steps: Of two cases each.
        seed: Of weights, order and changes.
        before: Whose weights it begins with; from nothing if not given.
    """
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    dimension = cases.labels.ndim - 1
    network = SmallUNet(dimension, cases.images.shape[1], classes)
    if before is not None:
        network.load_state_dict(before.state_dict())
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    images, labels = torch.from_numpy(cases.images), torch.from_numpy(cases.labels.astype(np.int64))
    order = np.zeros(0, np.int64)
    for _ in range(steps):
        while len(order) < BATCH:
            order = np.concatenate([order, random.permutation(len(cases.ids))])
        chosen, order = order[:BATCH], order[BATCH:]
        batch, wanted = _changed(images[chosen], labels[chosen], random)
        optimizer.zero_grad()
        loss = _loss(network(batch), wanted)
        loss.backward()
        optimizer.step()
        schedule.step()
    return network.eval()


@torch.inference_mode()
def probabilities(network: SmallUNet, image: NDArray[np.float32]) -> torch.Tensor:
    """Of each class, shape ``(class, ...)``."""
    return network(torch.from_numpy(image)[None])[0].softmax(dim=0)


def mean_dice(network: SmallUNet, cases: Cases, classes: int) -> float:
    """Over the structures and the cases; a structure that is neither there nor found counts for nothing."""
    scores: list[list[float]] = [[] for _ in range(classes - 1)]
    for image, label in zip(cases.images, cases.labels, strict=True):
        found = probabilities(network, image).argmax(dim=0).numpy()
        for value in range(1, classes):
            a, b = found == value, label == value
            total = int(a.sum()) + int(b.sum())
            if total:
                scores[value - 1].append(2 * int((a & b).sum()) / total)
    return float(np.mean([np.mean(each) for each in scores if each]))


def _doubled(features: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.interpolate(features, scale_factor=2, mode="nearest")


def _loss(output: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Cross entropy, and 1 - soft Dice of the structures over the batch."""
    target = torch.nn.functional.one_hot(wanted, output.shape[1]).movedim(-1, 1)
    found = output.softmax(dim=1)
    axes = [0, *range(2, output.ndim)]
    dice = (2 * (found * target).sum(axes) + 1) / (found.sum(axes) + target.sum(axes) + 1)
    return torch.nn.functional.cross_entropy(output, wanted) + 1 - dice[1:].mean()


def _changed(
    images: torch.Tensor, labels: torch.Tensor, random: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Shifted by a few voxels, with other brightness and contrast, and some noise. Pictures are turned too."""
    moves = [int(step) for step in random.integers(-3, 4, labels.ndim - 1)]
    axes = list(range(2, images.ndim))
    images = images.roll(moves, axes)
    labels = labels.roll(moves, [axis - 1 for axis in axes])
    if labels.ndim == 3:
        turns, flip = int(random.integers(4)), bool(random.integers(2))
        images, labels = images.rot90(turns, (-2, -1)), labels.rot90(turns, (-2, -1))
        images, labels = (images.flip(-1), labels.flip(-1)) if flip else (images, labels)
    size = (len(images), *(1,) * (images.ndim - 1))
    factor = torch.from_numpy(random.uniform(0.8, 1.25, size).astype(np.float32))
    shift = torch.from_numpy(random.uniform(-0.2, 0.2, size).astype(np.float32))
    noise = torch.from_numpy(random.normal(0, 0.05, images.shape).astype(np.float32))
    return images * factor + shift + noise, labels
