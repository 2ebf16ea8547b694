"""Prompts as plain JSON: beside a saved label and in a draft's journal, from where they come back."""

from __future__ import annotations

import base64
import logging
from collections.abc import Hashable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from jlabel.errors import PromptError
from jlabel.imaging import Region, decode_labels
from jlabel.tasks.prompts import check_prompts, prompt_from_json, prompt_to_json
from jlabel.widget.session import Given, PromptSession

logger = logging.getLogger(__name__)

# What an answer was put over is kept up to this size; beyond it the prompts come back and the next answer adds to it.
_MOST_BYTES = 2_000_000


def given_to_json(given: Given, label: str) -> dict[str, Any]:
    """One prompt with its name, as the front end knows it."""
    fields = {"kind": "mask", "label": label} if given.prompt is None else prompt_to_json(given.prompt)
    return {**fields, "id": given.id}


def given_from_json(data: dict[str, Any]) -> Given:
    """The prompt that :func:`given_to_json` wrote.

    Raises:
        PromptError: It is none.
    """
    fields = {key: value for key, value in data.items() if key != "id"}
    prompt = None if fields.get("kind") == "mask" else prompt_from_json(fields)
    return Given(str(data.get("id", "")), prompt)


def sessions_to_json(sessions: Iterable[PromptSession], dtype: str) -> list[dict[str, Any]]:
    """Sessions with all that is needed to go on with them.

    Args:
        sessions: In the order of their last use.
        dtype: Of the draft that they belong to.
    """
    return [_session_to_json(session, dtype) for session in sessions if session.given]


Written = dict[PromptSession, dict[str, Any]]


def written(sessions: Iterable[PromptSession], dtype: str, before: Written) -> Written:
    """What :func:`sessions_to_json` writes of each session, as the very same object where it was written before."""
    return {one: before[one] if one in before else _session_to_json(one, dtype) for one in sessions if one.given}


def sessions_from_json(data: Any, shape: tuple[int, ...], dtype: str) -> tuple[PromptSession, ...]:
    """The sessions that :func:`sessions_to_json` wrote; what does not fit the draft is left out.

    Args:
        data: From a label's info, or a journal.
        shape: The draft's shape.
        dtype: The draft's type.
    """
    sessions = []
    for item in data if isinstance(data, list) else []:
        try:
            sessions.append(_session_from_json(item, shape, dtype))
        except (PromptError, KeyError, TypeError, ValueError) as error:
            logger.warning("prompts that were kept with a label are left out: %s", error)
    return tuple(sessions)


def _session_to_json(session: PromptSession, dtype: str) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "label": session.label,
        "value": session.value,
        "scope": session.scope,
        "axis": session.axis,
        "prompts": [given_to_json(given, session.label) for given in session.given],
        "layer": session.layer,
    }
    if session.stale:
        fields["answered"] = [given_to_json(given, session.label) for given in session.answered]
    if session.region is not None and session.size <= _MOST_BYTES:
        packed = {"base": session.base, "after": session.after, "also": session.also}
        fields |= {"region": session.region.to_flat(), "dtype": dtype}
        fields |= {name: base64.b64encode(voxels).decode() for name, voxels in packed.items() if voxels}
    return fields


def _session_from_json(data: dict[str, Any], shape: tuple[int, ...], dtype: str) -> PromptSession:
    given = tuple(given_from_json(item) for item in data["prompts"])
    answered = tuple(given_from_json(item) for item in data["answered"]) if "answered" in data else given
    check_prompts((one.prompt for one in given if one.prompt is not None), shape)
    session = PromptSession(
        str(data["label"]),
        int(data["value"]),
        _scope(data["scope"]),
        int(data["axis"]),
        given,
        answered,
        layer=int(data.get("layer", 0)),
    )
    if "region" not in data:
        return session
    region = Region.from_flat(data["region"])
    if region.clip(shape) != region:
        raise ValueError(f"{region} does not lie inside {shape}")
    base, after, also = (base64.b64decode(data.get(key, ""), validate=True) for key in ("base", "after", "also"))
    if also:
        decode_labels(also, region)
    if any(decode_labels(voxels, region).dtype.itemsize > np.dtype(dtype).itemsize for voxels in (base, after)):
        return session
    return replace(session, region=region, base=base, after=after, also=also)


def _scope(scope: Any) -> Hashable:
    """Tuples become lists in JSON."""
    return tuple(_scope(part) for part in scope) if isinstance(scope, list) else scope
