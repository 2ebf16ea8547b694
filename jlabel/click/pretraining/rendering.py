"""How made anatomy looks: contrasts, textures, blur, shading, noise and resolution, all at random."""

from __future__ import annotations

import torch
import torch.nn.functional as nnf
from torch import Tensor

from jlabel.click.inputs import per_item
from jlabel.click.pretraining.fields import blur, log_uniform, max_pool, smooth_noise, uniform
from jlabel.click.pretraining.shapes import BACKGROUNDS, MOST_LABELS


def render(labels: Tensor, colours: int) -> Tensor:
    """An image of each map of labels: ``(batch, colours, ...)``, values of about 0 to 1."""
    return torch.cat([_render(group, colours) for group in torch.split(labels, max(1, len(labels) // 4))])


def _render(labels: Tensor, colours: int) -> Tensor:
    means, rough = _means(labels.shape[0], colours, labels.device)
    flat = labels.flatten(1)[:, None]
    image = torch.gather(means, 2, flat.expand(-1, colours, -1)).view(labels.shape[0], colours, *labels.shape[1:])
    amount = torch.gather(rough, 2, flat.expand(-1, 2, -1)).view(labels.shape[0], 2, *labels.shape[1:])
    image = _outlined(blur(image, log_uniform(0.2, 2.0)), labels)
    size, dimension = labels.shape[1], labels.ndim - 1
    for index, period in enumerate((log_uniform(1, 5), log_uniform(5, 30))):
        noise = smooth_noise(labels.shape[0], colours, size, dimension, period, labels.device)
        image = image + amount[:, index : index + 1] * _alike(noise)
    return image


def _outlined(image: Tensor, labels: Tensor) -> Tensor:
    """With lines or halos where labels meet, as membranes, fat and shadows make them; in four batches of ten."""
    if torch.rand(()) > 0.4:
        return image
    values = labels[:, None].float()
    lines = (max_pool(values) != -max_pool(-values)).float()
    lines = blur(lines, log_uniform(0.5, labels.shape[1] / 24))
    lines = lines / per_item(lines.flatten(1).amax(dim=1).clamp_min(1e-3), image.ndim)
    return image + lines * 0.35 * per_item(torch.randn(len(image), device=image.device), image.ndim)


def degrade(image: Tensor) -> Tensor:
    """What happens on the way to a file: shading, highlights, resolution, noise, gamma and inversion, in parts."""
    groups = torch.split(image, max(1, image.shape[0] // 4))
    return torch.cat([_degrade(group) for group in groups])


def _degrade(image: Tensor) -> Tensor:
    batch, size, ndim, device = image.shape[0], image.shape[2], image.ndim, image.device
    dimension = ndim - 2
    shade = smooth_noise(batch, 1, size, dimension, log_uniform(size / 2, 2 * size), device)
    image = image * torch.exp(0.3 * uniform(batch, 0, 1, ndim, device) * shade)
    if image.shape[1] > 1 and torch.rand(()) < 0.4:
        spots = smooth_noise(batch, 1, size, dimension, log_uniform(size / 24, size / 6), device)
        image = image + (spots - 2.2).clamp(0, 0.6) * uniform(batch, 0, 2, ndim, device)
    if torch.rand(()) < 0.15:
        speckle = blur(torch.randn_like(image), log_uniform(0.3, 2.0))
        image = image * (1 + uniform(batch, 0.1, 0.5, ndim, device) * speckle / speckle.std()).clamp_min(0)
    image = _noisy(_coarse(image))
    low = per_item(image.flatten(1).amin(dim=1), ndim)
    high = per_item(image.flatten(1).amax(dim=1), ndim)
    image = (image - low) / (high - low).clamp_min(1e-4)
    image = image.clamp(0, 1) ** per_item(torch.exp(0.35 * torch.randn(batch, device=device)), ndim)
    return torch.where(uniform(batch, 0, 1, ndim, device) < 0.3, 1 - image, image)


def _means(batch: int, colours: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Mean (batch, colours, label) and texture (batch, 2, label) of each label, many of them alike."""
    grey = torch.rand(batch, 1, MOST_LABELS, device=device)
    levels = torch.rand(batch, 1, 5, device=device)
    pick = torch.randint(0, 5, (batch, 1, MOST_LABELS), device=device)
    quantised = torch.gather(levels, 2, pick) + 0.05 * torch.randn(batch, 1, MOST_LABELS, device=device)
    grey = torch.where(torch.rand(batch, 1, 1, device=device) < 0.6, quantised, grey)
    # Objects of one kind, as cells are: all of them look alike.
    alike = torch.rand(batch, 1, 1, device=device) < 0.3
    objects = torch.arange(MOST_LABELS, device=device) >= BACKGROUNDS
    cores = objects & (torch.arange(MOST_LABELS, device=device) % 2 == 1)
    kind = torch.where(cores, grey[..., -1:], grey[..., -2:-1]) + 0.03 * torch.randn_like(grey)
    grey = torch.where(alike & objects, kind, grey)
    one = torch.rand(batch, 1, 1, device=device) < 0.3
    cell = grey[..., 1:2] + 0.04 * torch.randn_like(grey)
    numbers = torch.arange(MOST_LABELS, device=device)
    grey = torch.where(one & (numbers > 0) & (numbers < BACKGROUNDS), cell, grey)
    middle = grey.mean(dim=2, keepdim=True)
    grey = middle + (grey - middle) * (0.25 + 0.75 * torch.rand(batch, 1, 1, device=device))
    rough = torch.rand(batch, 2, MOST_LABELS, device=device) ** 3 * 0.3 * torch.rand(batch, 2, 1, device=device)
    if colours == 1:
        return grey, rough
    tint = 0.25 * torch.randn(batch, colours, 1, device=device)
    hue = 0.15 * torch.randn(batch, colours, MOST_LABELS, device=device) * torch.rand(batch, 1, 1, device=device)
    coloured = grey + (tint + hue) * (torch.rand(batch, 1, 1, device=device) < 0.75)
    return coloured, rough


def _alike(noise: Tensor) -> Tensor:
    """Noise whose channels go together, as they do in pictures."""
    return 0.7 * noise[:, :1] + 0.3 * noise if noise.shape[1] > 1 else noise


def _coarse(image: Tensor) -> Tensor:
    """What a smaller matrix or a thick slice leaves of it, brought back to its size."""
    size, dimension = image.shape[2:], image.ndim - 2
    if torch.rand(()) < 0.3:
        return image
    factors = [log_uniform(1, 3.5)] * dimension
    if torch.rand(()) < 0.35:
        factors[int(torch.randint(0, dimension, ()))] *= log_uniform(1, 5.0 if dimension == 3 else 2.0)
    small = [max(6, round(n / factor)) for n, factor in zip(size, factors, strict=True)]
    shrunk = nnf.interpolate(image, size=small, mode="area")
    mode = "bilinear" if dimension == 2 else "trilinear"
    noisy = shrunk + torch.randn_like(shrunk) * uniform(len(image), 0, 0.12, image.ndim, image.device) ** 1.5
    return nnf.interpolate(noisy, size=list(size), mode=mode, align_corners=False)


def _noisy(image: Tensor) -> Tensor:
    amount = uniform(len(image), 0, 0.4, image.ndim, image.device) ** 2
    noise = torch.randn_like(image)
    if torch.rand(()) < 0.4:
        noise = blur(noise, log_uniform(0.4, 1.5))
        noise = noise / noise.std()
    if torch.rand(()) < 0.2:
        return ((image + amount * noise) ** 2 + (amount * torch.randn_like(image)) ** 2).sqrt()
    return image + amount * noise
