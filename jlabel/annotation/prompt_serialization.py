"""Prompts as plain JSON: beside a saved label and in a draft's journal, from where they come back."""

from __future__ import annotations

import base64
import logging
from collections.abc import Hashable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from jlabel.annotation.prompt_group import GivenPrompt, PromptGroup
from jlabel.errors import PromptError
from jlabel.imaging import Region, decode_labels
from jlabel.labels.label import LARGEST_VALUE
from jlabel.prompts.prompt_geometry import check_prompts
from jlabel.prompts.prompt_json import prompt_from_json, prompt_to_json

logger = logging.getLogger(__name__)

# What an answer was put over is kept up to this size; beyond it the prompts come back and the next answer adds to it.
_MOST_BYTES = 2_000_000


def given_to_json(given: GivenPrompt, label: str) -> dict[str, Any]:
    """One prompt with its name, as the front end knows it."""
    fields = {"kind": "mask", "label": label} if given.prompt is None else prompt_to_json(given.prompt)
    return {**fields, "id": given.id}


def given_from_json(data: dict[str, Any]) -> GivenPrompt:
    """The prompt that :func:`given_to_json` wrote.

    Raises:
        PromptError: It is none.
    """
    if not isinstance(data, dict):
        raise PromptError(f"a prompt is an object, not a {type(data).__name__}")
    fields = {key: value for key, value in data.items() if key != "id"}
    prompt = None if fields.get("kind") == "mask" else prompt_from_json(fields)
    return GivenPrompt(str(data.get("id", "")), prompt)


def prompt_groups_to_json(groups: Iterable[PromptGroup], dtype: str) -> list[dict[str, Any]]:
    """Sessions with all that is needed to go on with them.

    Args:
        groups: In the order of their last use.
        dtype: Of the draft that they belong to.
    """
    return [_group_to_json(group, dtype) for group in groups if group.given]


Written = dict[PromptGroup, dict[str, Any]]


def written(groups: Iterable[PromptGroup], dtype: str, before: Written) -> Written:
    """What :func:`prompt_groups_to_json` writes of each group, the very same object where it was written before."""
    return {one: before[one] if one in before else _group_to_json(one, dtype) for one in groups if one.given}


def prompt_groups_from_json(data: Any, shape: tuple[int, ...], dtype: str) -> tuple[PromptGroup, ...]:
    """The groups that :func:`prompt_groups_to_json` wrote; what does not fit the draft is left out.

    Args:
        data: From a label's info, or a journal.
        shape: The draft's shape.
        dtype: The draft's type.
    """
    groups = []
    for item in data if isinstance(data, list) else []:
        try:
            groups.append(_group_from_json(item, shape, dtype))
        except (PromptError, KeyError, TypeError, ValueError, OverflowError) as error:
            logger.warning("prompts that were kept with a label are left out: %s", error)
    return tuple(groups)


def _group_to_json(group: PromptGroup, dtype: str) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "label": group.label,
        "value": group.value,
        "scope": group.scope,
        "axis": group.axis,
        "prompts": [given_to_json(given, group.label) for given in group.given],
        "layer": group.layer,
    }
    if group.stale:
        fields["answered"] = [given_to_json(given, group.label) for given in group.answered]
    if group.region is not None and group.size <= _MOST_BYTES:
        packed = {"base": group.base, "after": group.after, "also": group.also}
        fields |= {"region": group.region.to_flat(), "dtype": dtype}
        fields |= {name: base64.b64encode(voxels).decode() for name, voxels in packed.items() if voxels}
    return fields


def _group_from_json(data: dict[str, Any], shape: tuple[int, ...], dtype: str) -> PromptGroup:
    _check_fields(data)
    given = tuple(given_from_json(item) for item in data["prompts"])
    answered = tuple(given_from_json(item) for item in data["answered"]) if "answered" in data else given
    check_prompts((one.prompt for one in given if one.prompt is not None), shape)
    group = PromptGroup(
        data["label"], data["value"], _scope(data["scope"]), data["axis"], given, answered, layer=data.get("layer", 0)
    )
    if "region" not in data:
        return group
    if len(data["region"]) != 2 * len(shape):
        raise ValueError(f"a region of {shape} has {2 * len(shape)} numbers")
    region = Region.from_flat(data["region"])
    if region.clip(shape) != region:
        raise ValueError(f"{region} does not lie inside {shape}")
    base, after, also = (base64.b64decode(data.get(key, ""), validate=True) for key in ("base", "after", "also"))
    if also:
        decode_labels(also, region)
    if any(decode_labels(voxels, region).dtype.itemsize > np.dtype(dtype).itemsize for voxels in (base, after)):
        return group
    return replace(group, region=region, base=base, after=after, also=also)


def _check_fields(data: Any) -> None:
    if not isinstance(data, dict):
        raise ValueError("it is no object")
    limits = {"value": (1, LARGEST_VALUE), "axis": (0, 2), "layer": (0, 2**31)}
    for name, (least, most) in limits.items():
        value = data.get(name, 0) if name == "layer" else data[name]
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(f"{name} is a whole number from {least} to {most}")
    if not isinstance(data["label"], str):
        raise ValueError("label is a text")
    for name in ("prompts", "answered", "region"):
        if not isinstance(data.get(name, []), list):
            raise ValueError(f"{name} is a list")


def _scope(scope: Any) -> Hashable:
    """The model of a group, and axis and slice where it works in one; tuples become lists in JSON."""
    parts = scope if isinstance(scope, list) else [scope]
    if len(parts) > 3 or not all(part is None or isinstance(part, str | int) for part in parts):
        raise ValueError("scope names a model, an axis and a slice")
    if len(parts) == 3 and not all(type(part) is int for part in parts[1:]):
        raise ValueError("axis and slice are whole numbers")
    return tuple(parts) if isinstance(scope, list) else parts[0]
