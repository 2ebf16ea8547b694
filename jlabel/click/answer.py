"""A click network asked about a part of an image, and what of its answer is taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from jlabel.click.network import Design
from jlabel.imaging.connected import connected_to
from jlabel.imaging.region import Region
from jlabel.interactive.seeds import lasso_interior
from jlabel.prompts.prompt import Box, Click, Lasso, Prompt, Scribble

if TYPE_CHECKING:
    import torch

    from jlabel.click.view import View

Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class ClickNetwork:
    """A network with weights, and what it is made for."""

    network: torch.nn.Module
    design: Design

    def logits(
        self, array: NDArray[np.generic], view: View, prompts: Sequence[Prompt], before: Mask, others: Mask | None
    ) -> Floats:
        """How sure each voxel of the view's region is inside, above 0, or outside, below 0.

        Args:
            array: The whole image or slice, with a last axis of colours or without.
            view: The part to look at.
            prompts: In voxels of ``array``, the newest last.
            before: The mask so far, of the region's shape.
            others: Voxels that are known to be outside, of the region's shape; None where none are.

        Raises:
            MemoryError: There is not enough of it.
        """
        import torch

        from jlabel.click.inputs import network_input
        from jlabel.click.view import draw_prompts

        image = view.image(array, self.design)
        positive, negative, region = draw_prompts(view, prompts, self.design)
        if others is not None and others.any():
            negative = torch.maximum(negative, view.mask(others) * (1 - positive))
        with torch.inference_mode(), _memory_errors():
            answer = self.network(network_input(image, positive, negative, region, view.mask(before)))
        logits = view.back(answer.float())
        if others is not None:
            logits[others] = -np.inf
        return logits


@contextmanager
def _memory_errors() -> Iterator[None]:
    """torch has no error of its own for the CPU's memory."""
    try:
        yield
    except RuntimeError as error:
        if "allocate" in str(error):
            raise MemoryError(str(error)) from error
        raise


def corrected(had: Mask, logits: Floats, prompts: Sequence[Prompt], region: Region) -> Mask:
    """The mask so far, where a network answers otherwise to the newest prompt.

    A positive prompt only adds and a negative one only removes, and only in the connected part of the difference that
    holds the prompt: what lies elsewhere was not pointed at. The "progressive merge" of FocalClick (Chen et al. 2022).
    """
    newest = prompts[-1]
    positive = bool(getattr(newest, "positive", True))
    change = (logits > 0) & ~had if positive else had & (logits <= 0)
    part = marked_parts(change, [_as_positive(newest)], region, strictly=True)
    return had | part if positive else had & ~part


def marked_parts(mask: Mask, prompts: Sequence[Prompt], region: Region, strictly: bool = False) -> Mask:
    """The connected parts of a mask that hold a positive click or scribble; all of it where there is none.

    Args:
        mask: Of the region's shape.
        prompts: In voxels of what the region lies in.
        region: Where the mask lies.
        strictly: Whether nothing comes where there is none.
    """
    places = [p for prompt in prompts for p in _positive_places(prompt) if region.contains(Region.around([p]))]
    if not places:
        return np.zeros_like(mask) if strictly else mask
    marks = np.zeros_like(mask)
    marks[tuple((np.asarray(places) - np.asarray(region.lower)).T)] = True
    return connected_to(mask, marks)


def in_boxes(prompts: Sequence[Prompt], region: Region, ellipses: bool = False) -> Mask:
    """The voxels of a region that lie in any of the boxes among the prompts, or in the ellipses in them."""
    inside = np.zeros(region.shape, dtype=bool)
    for box in (prompt for prompt in prompts if isinstance(prompt, Box)):
        whole = Region(box.lower, tuple(n + 1 for n in box.upper)).inside(region)
        part = whole.clip(region.shape)
        lines = [
            ((np.arange(low, up) - (first + end - 1) / 2) / max((end - first) / 2, 0.5)) ** 2
            for low, up, first, end in zip(part.lower, part.upper, whole.lower, whole.upper, strict=True)
        ]
        inside[part.slices] |= sum(np.meshgrid(*lines, indexing="ij", sparse=True)) <= 1 if ellipses else True
    return inside


def honour(mask: Mask, prompts: Sequence[Prompt], region: Region) -> Mask:
    """The mask with every click and scribble inside or outside as it says, and outside of negative lassos.

    Where prompts contradict each other the later one wins.
    """
    mask = mask.copy()
    for prompt in prompts:
        if isinstance(prompt, Click | Scribble):
            places = [prompt.position] if isinstance(prompt, Click) else prompt.positions
            inside = [p for p in places if region.contains(Region.around([p]))]
            if inside:
                mask[tuple((np.asarray(inside) - np.asarray(region.lower)).T)] = prompt.positive
        elif isinstance(prompt, Lasso) and not prompt.positive:
            mask &= ~lasso_interior(prompt, region.shape, region.lower)
    return mask


def _positive_places(prompt: Prompt) -> Sequence[tuple[int, ...]]:
    if isinstance(prompt, Click) and prompt.positive:
        return [prompt.position]
    return prompt.positions if isinstance(prompt, Scribble) and prompt.positive else []


def _as_positive(prompt: Prompt) -> Prompt:
    if isinstance(prompt, Click):
        return Click(prompt.position)
    return Scribble(prompt.positions) if isinstance(prompt, Scribble) else prompt
