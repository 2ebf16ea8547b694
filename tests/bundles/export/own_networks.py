"""Networks as the author of a package writes them."""

from __future__ import annotations

import torch


class TwoConvolutions(torch.nn.Module):
    """Keeps nothing of what it was made with."""

    def __init__(self, classes: int, features: int = 4) -> None:
        super().__init__()
        self.first = torch.nn.Conv3d(1, features, 3, padding=1)
        self.last = torch.nn.Conv3d(features, classes, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(torch.relu(self.first(x)))


class Noisy(TwoConvolutions):
    """Answers otherwise each time that it is made."""

    made = 0

    def __init__(self, classes: int) -> None:
        super().__init__(classes)
        Noisy.made += 1
        self.shift = float(Noisy.made)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x) + self.shift * torch.arange(x.numel()).reshape(x.shape)
