"""The JSON schema of app files: what editors complete by, and the first look at what a file says."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from typing import Any

from jlabel.apps.app_file.ids import SEPARATOR, did_you_mean, normal

FILE = "app_schema.json"
#: From how alike two keys are on, one is taken for a misspelling of the other.
_ALIKE = 0.8


@cache
def schema() -> dict[str, Any]:
    """The schema, draft 2020-12."""
    read: dict[str, Any] = json.loads(resources.files("jlabel.apps.app_file").joinpath(FILE).read_text("utf-8"))
    return read


def first_fault(content: dict[str, Any]) -> tuple[str, str] | None:
    """The id of the first item that is not as the schema says, and what was expected; None if all are."""
    import jsonschema

    errors = list(jsonschema.Draft202012Validator(schema()).iter_errors(content))
    if not errors:
        return None
    error = min(errors, key=lambda one: [str(part) for part in one.absolute_path])
    id = SEPARATOR.join(map(str, error.absolute_path))
    said = repr(error.instance)
    return id, f"expected {_expected(id, error.schema)}, not {said if len(said) < 60 else said[:57] + '...'}"


def misspelled(content: dict[str, Any]) -> tuple[str, str] | None:
    """A key at the top that nothing refers to and that is nearly one of an app file's own, and what to do about it.

    Other keys are the author's own, for references.
    """
    import difflib

    known = list(schema()["properties"])
    for key in content:
        near = difflib.get_close_matches(key, [one for one in known if one not in content], 1, _ALIKE)
        if key not in known and near and not _is_referred_to(key, content):
            return key, f"unknown key: {did_you_mean(key, near)} (a key of your own is one that something refers to)"
    return None


def overrides_nothing(id: str, before: dict[str, Any], after: dict[str, Any]) -> str:
    """Why an override has no effect; empty where it has one.

    Args:
        id: What it overrides.
        before: What the files say.
        after: The same with all overrides.
    """
    known = [*schema()["properties"], *before]
    if SEPARATOR in id or id in known or _is_referred_to(id, after):
        return ""
    return f"overrides nothing: {did_you_mean(id, known)}"


def _expected(id: str, fault: Any) -> str:
    top = schema()["properties"].get(id, {})
    described = str(top.get("description") or (fault.get("description") if isinstance(fault, dict) else ""))
    sentence = described.partition(". ")[0].rstrip(".") or "something else"
    return sentence[0].lower() + sentence[1:]


def _is_referred_to(key: str, value: Any) -> bool:
    if isinstance(value, dict):
        return any(_is_referred_to(key, item) for item in value.values())
    if isinstance(value, list):
        return any(_is_referred_to(key, item) for item in value)
    signed = isinstance(value, str) and value.startswith(("@", "$", "%"))
    return signed and re.search(rf"(?<!\w){re.escape(normal(key))}(?!\w)", normal(value)) is not None
