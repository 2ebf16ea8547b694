"""Prompts as the transforms of MONAI Label's interactive models expect them: points by the names of structures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jlabel.prompts.prompt import Click, Prompt


def clicks_by_name(prompts: Iterable[Prompt], label: str, labels: Mapping[str, int]) -> dict[str, Any]:
    """``foreground`` and ``background`` clicks for DeepGrow, and each structure's own for DeepEdit.

    Args:
        prompts: The prompts; those that are no clicks are left out.
        label: The structure that is asked for.
        labels: All structures of the task.

    Returns:
        Lists of points in voxel indices. A click on the background is in ``background`` for both.
    """
    clicks = [prompt for prompt in prompts if isinstance(prompt, Click)]
    points: dict[str, list[list[int]]] = {name: [] for name in labels}
    points |= {"foreground": [], "background": []}
    for click in clicks:
        point = [round(index) for index in click.position]
        points["foreground" if click.positive else "background"].append(point)
        name = click.label or label
        if click.positive and name in labels:
            points[name].append(point)
    return points
