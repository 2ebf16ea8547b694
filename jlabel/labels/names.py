"""Names of labels: what is shown as one text is one name, and every character of it is seen."""

from __future__ import annotations

import re
import unicodedata

from jlabel.errors import LabelError

# Categories of characters that have no picture of their own: control, format (direction marks, zero-width ones), half
# of a pair, private, line and paragraph separators.
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
# Letters and marks that are drawn as nothing: fillers, joiners and selectors of variants
# (Default_Ignorable_Code_Point), and the blank of Braille.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")


def label_name(name: object) -> str:
    """The name as it is kept: composed (NFC), so that "é" is one name however it was typed.

    Raises:
        LabelError: It is no text, blank, or holds a character that nobody sees, which is named.
    """
    if not isinstance(name, str) or not name.strip():
        raise LabelError(f"a label's name is a text that is not empty, not {name!r}")
    composed = unicodedata.normalize("NFC", name)
    unseen = next((one for one in composed if is_unseen(one)), None)
    if unseen is not None:
        what = unicodedata.name(unseen, f"control character {ord(unseen)}")
        raise LabelError(
            f"the label's name {name!r} holds a character that nobody sees (U+{ord(unseen):04X}, {what}): leave it out"
        )
    return composed


def is_unseen(character: str) -> bool:
    """Whether a character is drawn as nothing, or changes how others are drawn."""
    return unicodedata.category(character) in _UNSEEN or _BLANK.match(character) is not None


def seen_name(name: str) -> str:
    """A name that was kept before such characters were refused, without them."""
    seen = "".join(one for one in unicodedata.normalize("NFC", name) if not is_unseen(one)).strip()
    return seen or "unnamed"


def alike(name: str) -> str:
    """What the spellings of a label have in common: "Left_Kidney" and "left kidney"."""
    return unicodedata.normalize("NFC", " ".join(name.replace("_", " ").casefold().split()))
