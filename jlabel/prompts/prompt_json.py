"""Prompts as plain JSON, and back."""

from __future__ import annotations

from typing import Any

from jlabel.errors import PromptError
from jlabel.prompts.prompt import Box, Click, InitialMask, Lasso, Prompt, Scribble


def prompt_to_json(prompt: Prompt) -> dict[str, Any]:
    """A prompt as plain JSON; an initial mask has no JSON form.

    Raises:
        PromptError: For an initial mask.
    """
    if isinstance(prompt, InitialMask):
        raise PromptError("an initial mask is not written as JSON; save it as a label")
    fields = {key: value for key, value in vars(prompt).items() if value is not None}
    return {"kind": type(prompt).__name__.lower(), **fields}


def prompt_from_json(data: dict[str, Any]) -> Prompt:
    """The prompt that :func:`prompt_to_json` wrote.

    Raises:
        PromptError: The kind is unknown or a field is missing.
    """
    kinds: dict[str, type[Click] | type[Box] | type[Scribble] | type[Lasso]] = {
        "click": Click,
        "box": Box,
        "scribble": Scribble,
        "lasso": Lasso,
    }
    kind = kinds.get(str(data.get("kind")))
    if kind is None:
        raise PromptError(f"unknown kind of prompt {data.get('kind')!r}; known: {', '.join(kinds)}")
    if not isinstance(data.get("positive", True), bool) or not isinstance(data.get("label", ""), str):
        raise PromptError(
            f"positive is true or false and label a text, not {data.get('positive')!r}, {data.get('label')!r}"
        )
    try:
        return kind(**{key: value for key, value in data.items() if key != "kind"})
    except TypeError as error:
        raise PromptError(f"{kind.__name__} cannot be made from {sorted(data)}: {error}") from error
