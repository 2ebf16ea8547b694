"""The training of a click network from nothing: made images, simulated prompts, and answers corrected in rounds."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as nnf
from torch import Tensor

from jlabel.click.inputs import network_input, per_item
from jlabel.click.pretraining.batch_annotator import Drawn, click_error, outline
from jlabel.click.pretraining.batches import Batch, make_batch
from jlabel.click.pretraining.checkpoint import Settings, State, keep
from jlabel.click.pretraining.real_pictures import Pictures
from jlabel.click.pretraining.starts import first_masks

_ROUNDS = 4
_WITH_START, _WITH_OUTLINE, _ONLY_OUTLINE = 0.3, 0.3, 0.15
_PROMPT_WEIGHT = 4.0


def run(
    settings: Settings,
    state: State,
    checkpoint: Path,
    pictures: Pictures | None,
    tell: Callable[[dict[str, Any]], None],
) -> None:
    """Train until the time is over; checkpoints and measurements on the way."""
    begun, before = time.monotonic(), state.spent
    kept = reported = begun
    while state.spent < settings.seconds:
        learn(settings, state, pictures)
        now = time.monotonic()
        state.spent = before + now - begun
        if now - reported > settings.report_every or state.spent >= settings.seconds:
            reported = now
            found = measure(settings, state.average)
            state.curve.append({"samples": state.samples, "seconds": round(state.spent), **found})
            tell({"steps": state.steps, **state.curve[-1]})
        if now - kept > settings.keep_every:
            kept = now
            keep(state, checkpoint)
    keep(state, checkpoint)


def learn(settings: Settings, state: State, pictures: Pictures | None) -> None:
    """A batch, some rounds of prompts, a step of the optimizer for each."""
    design = settings.design
    made = make_batch(design, settings.batch, settings.device, pictures)
    count = len(made.image)
    if not count:
        return
    if settings.compiled:
        made = filled(made, settings.batch)
    image, target = made.image, made.target
    drawn, before = first_prompts(target, design.disc)
    drawn.negative = torch.maximum(drawn.negative, made.others * (1 - drawn.positive))
    for _ in range(_ROUNDS):
        for group in state.optimizer.param_groups:
            group["lr"] = _rate(settings, state)
        inputs = network_input(image, drawn.positive, drawn.negative, drawn.region, before)
        inputs = inputs.contiguous(memory_format=settings.layout)
        with torch.autocast(inputs.device.type, torch.bfloat16):
            logits = state.forward(inputs)
        loss = loss_of(logits.float(), target, drawn)
        state.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(state.network.parameters(), 1.0)
        state.optimizer.step()
        _follow(state)
        state.steps += 1
        state.samples += count
        with torch.no_grad():
            before = (logits > 0).float()
            click_error(drawn, target, before, design.disc)


def filled(made: Batch, batch: int) -> Batch:
    """A batch of exactly ``batch`` items, the first ones again where it has fewer: a new length is compiled anew."""
    index = torch.arange(batch, device=made.image.device) % len(made.image)
    return Batch(made.image[index], made.target[index], made.others[index])


@torch.no_grad()
def first_prompts(target: Tensor, disc: float) -> tuple[Drawn, Tensor]:
    """What comes first: clicks, scribbles, boxes and lassos from nothing, or a correction of a mask that is there."""
    drawn = Drawn.nothing(target)
    draw = per_item(torch.rand(len(target), device=target.device), target.ndim)
    before = torch.where(draw < _WITH_START, first_masks(target), torch.zeros_like(target))
    marked = Drawn.nothing(target)
    outline(marked, target)
    from_nothing = per_item(before.flatten(1).amax(dim=1) == 0, target.ndim)
    draw = torch.rand_like(draw)
    drawn.region = marked.region * (from_nothing & (draw < _WITH_OUTLINE))
    clicked = Drawn(drawn.positive.clone(), drawn.negative.clone(), drawn.region)
    click_error(clicked, target, before, disc)
    alone = from_nothing & (draw < _ONLY_OUTLINE)
    drawn.positive = torch.where(alone, drawn.positive, clicked.positive)
    drawn.negative = torch.where(alone, drawn.negative, clicked.negative)
    return drawn, before


def loss_of(logits: Tensor, target: Tensor, drawn: Drawn) -> Tensor:
    """Soft Dice and focal cross entropy; where a prompt says it, an error counts several times."""
    axes = tuple(range(1, target.ndim))
    probability = logits.sigmoid()
    overlap = (probability * target).sum(dim=axes)
    total = probability.sum(dim=axes) + target.sum(dim=axes)
    dice = 1 - (2 * overlap + 1) / (total + 1)
    entropy = nnf.binary_cross_entropy_with_logits(logits, target, reduction="none")
    right = torch.where(target > 0.5, probability, 1 - probability)
    said = drawn.positive * target + drawn.negative * (1 - target)
    focal = (1 - right) * entropy * (1 + _PROMPT_WEIGHT * said)
    return (dice + 2 * focal.mean(dim=axes)).mean()


@torch.no_grad()
def measure(settings: Settings, network: torch.nn.Module, batches: int = 4, clicks: int = 5) -> dict[str, float]:
    """Mean Dice on made images, always the same, after 1, 3 and 5 clicks into the middle of the error."""
    design, device = settings.design, settings.device
    cuda = [torch.device(device)] if device.startswith("cuda") else []
    scores = []
    network.eval()
    with torch.random.fork_rng(cuda):
        torch.manual_seed(12345)
        for _ in range(batches):
            made = make_batch(design, min(settings.batch, 48), device, None)
            image, target = made.image, made.target
            drawn, mask = Drawn.nothing(target), torch.zeros_like(target)
            row = []
            for _ in range(clicks):
                click_error(drawn, target, mask, design.disc, robot=True)
                inputs = network_input(image, drawn.positive, drawn.negative, drawn.region, mask)
                with torch.autocast(inputs.device.type, torch.bfloat16):
                    mask = (network(inputs) > 0).float()
                axes = tuple(range(1, target.ndim))
                row.append(2 * (mask * target).sum(dim=axes) / (mask.sum(dim=axes) + target.sum(dim=axes)))
            scores.append(torch.stack(row))
    found = torch.cat(scores, dim=1)
    dropped = (found[1:] < found[:-1] - 0.1).float().mean()
    return {f"dice_{n}": round(float(found[n - 1].mean()), 4) for n in (1, 3, 5)} | {
        "dropped": round(float(dropped), 4)
    }


def _rate(settings: Settings, state: State) -> float:
    part = min(1.0, state.spent / settings.seconds)
    warm = min(1.0, (state.steps + 1) / 200)
    return settings.rate * warm * (0.5 * (1 + math.cos(math.pi * part)) * 0.99 + 0.01)


@torch.no_grad()
def _follow(state: State) -> None:
    """The average of the weights over the last steps, more of them the longer the training goes on."""
    share = min(0.999, (1 + state.steps) / (10 + state.steps))
    torch._foreach_lerp_(list(state.average.parameters()), list(state.network.parameters()), 1 - share)
