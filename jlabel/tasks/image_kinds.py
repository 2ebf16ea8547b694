"""Of which kinds images are, as far as it matters to what can be learnt from them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from jlabel.imaging import Image

ImageKind = Literal["volume", "picture", "colour volume", "colour picture"]
"""How many axes an image has, and whether it has colours."""

EVERY_KIND: tuple[ImageKind, ...] = ("volume", "picture", "colour volume", "colour picture")
_MANY = {
    "volume": "volumes",
    "picture": "grey pictures",
    "colour volume": "volumes in colours",
    "colour picture": "pictures in colours",
}


def image_kind(image: Image) -> ImageKind:
    """The kind of an image."""
    if image.channels == "rgb":
        return "colour volume" if image.ndim == 3 else "colour picture"
    return "volume" if image.ndim == 3 else "picture"


def kinds_in_words(kinds: Iterable[ImageKind]) -> str:
    """Several images of these kinds: "volumes and grey pictures"."""
    found = set(kinds)
    if {"picture", "colour picture"} <= found:
        words = [*(_MANY[kind] for kind in EVERY_KIND if kind in found and "picture" not in kind), "pictures"]
    else:
        words = [_MANY[kind] for kind in EVERY_KIND if kind in found]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
