"""What kind of licence a text is, in a few words."""

from __future__ import annotations

import re

_KINDS = (
    ("Apache License", "Apache-2.0"),
    ("MIT License", "MIT"),
    ("BSD 3-Clause", "BSD-3-Clause"),
    ("BSD 2-Clause", "BSD-2-Clause"),
    ("Attribution-NonCommercial", "CC BY-NC"),
    ("Attribution 4.0 International", "CC BY 4.0"),
)
_WEIGHTS = "Model Weights License"
_NON_COMMERCIAL = re.compile(r"\bnon-?\s?commercial", re.IGNORECASE)
_LONGEST = 60


def licence_in_short(text: str) -> str:
    """The licence's usual short name, and whether the weights have one of their own or it forbids commercial use.

    It is a hint: what counts is the text.

    Args:
        text: A file such as ``LICENSE``.
    """
    code, _, weights = text.partition(_WEIGHTS)
    short = _kind(code)
    if weights:
        short += f"; weights: {_kind(weights) if _known(weights) else 'a licence of their own'}"
    return f"{short}, non-commercial" if _NON_COMMERCIAL.search(text) and "NC" not in short else short


def _known(text: str) -> str:
    found = [(text.find(words), name) for words, name in _KINDS if words in text[:2000]]
    return min(found)[1] if found else ""


def _kind(text: str) -> str:
    first = next((" ".join(line.split()) for line in text.splitlines() if line.strip()), "")
    return _known(text) or (first if len(first) <= _LONGEST else f"{first[: _LONGEST - 1]}…") or "empty"
