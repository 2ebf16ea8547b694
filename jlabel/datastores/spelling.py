"""One name in several spellings: unicode writes "ü" in two ways, and file systems differ in letter case.

The catalogue keeps ids in the composed form (NFC). What a person types, and what a file system gives back, may be in
the decomposed one (NFD), as on a Mac, or in other letters' case.
"""

from __future__ import annotations

import unicodedata


def canonical(name: str) -> str:
    """The name in the composed form."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def folded(name: str) -> str:
    """What is the same for all spellings of a name."""
    return (
        name.lower() if name.isascii() else unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    )


def spellings(name: str) -> list[str]:
    """The name as it is, composed and decomposed, each once."""
    if name.isascii():
        return [name]
    return list(dict.fromkeys((name, *(unicodedata.normalize(form, name) for form in ("NFC", "NFD")))))
