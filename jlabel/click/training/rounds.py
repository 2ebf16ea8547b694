"""One sample of a click network's training: some rounds of simulated prompts, each answer corrected by the next one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as nnf
from monai.engines.utils import IterationEvents
from monai.utils.enums import CommonKeys as Keys
from torch import Tensor

from jlabel.annotators import HumanLike, Robot
from jlabel.click.inputs import network_input
from jlabel.click.network import Design
from jlabel.click.pretraining.batch_annotator import Drawn, click_error, outline
from jlabel.click.pretraining.starts import first_masks
from jlabel.click.training.parts import OTHER, STRUCTURE
from jlabel.click.view import View, draw_prompts
from jlabel.imaging.connected import connected_to
from jlabel.imaging.region import Region
from jlabel.training.ignored_voxels import leave_out_ignored
from jlabel.training.labelled_images import IGNORED

# Shares of the samples: that correct a first mask, that begin with a box or lasso, of those that have no click with
# it, and that are told where other structures are.
_WITH_START, _WITH_OUTLINE, _ALONE, _OTHERS = 0.4, 0.15, 0.5, 0.3
# Of the first prompts those that are made as in the first training, scribbles among them; of the other clicks those
# into the very middle of an error.
_BATCHED, _ROBOT = 0.25, 0.5
_ENTROPY_WEIGHT, _PROMPT_WEIGHT = 2.0, 4.0


@dataclass(frozen=True)
class ClickTraining:
    """What the trainer does with a sample: prompts are simulated, the network answers and learns, and so on.

    Attributes:
        design: Of the network.
        rounds: How many answers.
        precision: What the network computes with.
    """

    design: Design
    rounds: int
    precision: Callable[[], Any]

    def __call__(self, engine: Any, batchdata: dict[str, Any]) -> dict[str, Any]:
        """Learn from ``"image"`` ``(1, colours, ...)`` and ``"label"`` ``(1, 1, ...)``, of a part's classes."""
        image = batchdata["image"].to(engine.state.device)
        label = batchdata["label"].to(engine.state.device)
        target = (label == STRUCTURE).float()
        drawn, before = first_prompts(target, self.design)
        if float(torch.rand(())) < _OTHERS:
            drawn.negative = torch.maximum(drawn.negative, (label == OTHER) * (1 - drawn.positive))
        engine.network.train()
        losses = []
        for number in range(self.rounds):
            if number:
                click(drawn, target, before, self.design)
            engine.optimizer.zero_grad(set_to_none=True)
            with self.precision():
                inputs = network_input(image, drawn.positive, drawn.negative, drawn.region, before)
                logits = engine.network(inputs)
            loss = known_loss(logits.float(), label, drawn)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(engine.network.parameters(), 1.0)
            engine.optimizer.step()
            losses.append(loss.detach())
            before = standing(logits.detach().float(), label, drawn, before)
        engine.state.output = {Keys.IMAGE: image, Keys.LABEL: label, Keys.LOSS: torch.stack(losses).mean()}
        for event in ("FORWARD", "LOSS", "BACKWARD", "MODEL"):
            engine.fire_event(IterationEvents[f"{event}_COMPLETED"])
        output: dict[str, Any] = engine.state.output
        return output


@torch.no_grad()
def first_prompts(target: Tensor, design: Design) -> tuple[Drawn, Tensor]:
    """What comes first: a click or outline with nothing before it, or a click that corrects a first mask."""
    cube = in_cube(target, design.size)
    drawn, before = Drawn.nothing(cube), torch.zeros_like(cube)
    draw = float(torch.rand(()))
    if draw < _WITH_START:
        before = first_masks(cube)
    elif draw < _WITH_START + _WITH_OUTLINE:
        outline(drawn, cube)
    clicked = not (bool(drawn.region.any()) and float(torch.rand(())) < _ALONE)
    scribbled = clicked and float(torch.rand(())) < _BATCHED
    if scribbled:
        click_error(drawn, cube, before, design.disc)
    drawn, before = _cut(drawn, target), out_of_cube(before, target)
    if clicked and not scribbled:
        click(drawn, target, before, design)
    return drawn, before


def click(drawn: Drawn, target: Tensor, mask: Tensor, design: Design) -> None:
    """Add a click into the error of a mask, both ``(1, 1, ...)``: into the middle, or as people do."""
    annotator = Robot() if float(torch.rand(())) < _ROBOT else HumanLike(int(torch.randint(2**31, ())))
    made = annotator.next_click(target[0, 0].cpu().numpy(), mask[0, 0].cpu().numpy())
    if made is None:
        return
    shape = tuple(target.shape[2:])
    positive, negative, _ = draw_prompts(View(Region.whole(shape), shape, shape), [made], design)
    this, other = (drawn.positive, drawn.negative) if made.positive else (drawn.negative, drawn.positive)
    mark = (positive if made.positive else negative).to(target.device) > 0
    other[mark] = 0
    this[mark] = 1


def standing(logits: Tensor, label: Tensor, drawn: Drawn, before: Tensor) -> Tensor:
    """The mask after an answer, right wherever nobody knows: the parts of the answer that a positive prompt touches.

    Where there is none, those that the outline touches or else the mask before.
    """
    target = (label == STRUCTURE).float()
    touched = next((t for t in (drawn.positive, drawn.region, before) if bool(t.any())), None)
    mask = logits > 0
    if touched is not None:
        kept = connected_to(mask[0, 0].cpu().numpy(), touched[0, 0].cpu().numpy() > 0)
        mask = torch.from_numpy(kept)[None, None].to(logits.device)
    return torch.where(label == IGNORED, target, mask.float())


def known_loss(logits: Tensor, label: Tensor, drawn: Drawn) -> Tensor:
    """Soft Dice and cross entropy where it is known what a voxel is; where a prompt says it, an error counts more.

    Not the focal one of the first training: its gradients are too small to learn from in two minutes.
    """
    classes = torch.where(label == OTHER, torch.zeros_like(label), label)
    known, target = leave_out_ignored(logits, classes)
    axes = tuple(range(1, target.ndim))
    probability = known.sigmoid()
    total = probability.sum(dim=axes) + target.sum(dim=axes)
    dice = 1 - (2 * (probability * target).sum(dim=axes) + 1) / (total + 1)
    said = drawn.positive * target + drawn.negative * (1 - target)
    entropy = nnf.binary_cross_entropy_with_logits(known, target, reduction="none") * (1 + _PROMPT_WEIGHT * said)
    return (dice + _ENTROPY_WEIGHT * entropy.mean(dim=axes)).mean()


def in_cube(tensor: Tensor, size: int) -> Tensor:
    """With zeros behind it, so that every axis has ``size`` voxels: simulated prompts are made for such."""
    ends = [width for n in reversed(tensor.shape[2:]) for width in (0, size - n)]
    return nnf.pad(tensor, ends)


def out_of_cube(cube: Tensor, like: Tensor) -> Tensor:
    """What of a cube lies where ``like`` does."""
    for axis, n in enumerate(like.shape[2:], start=2):
        cube = cube.narrow(axis, 0, n)
    return cube


def _cut(drawn: Drawn, like: Tensor) -> Drawn:
    return Drawn(*(out_of_cube(t, like) for t in (drawn.positive, drawn.negative, drawn.region)))
