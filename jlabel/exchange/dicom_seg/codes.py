"""Codes for structures, found by the names of labels: what kind of thing it is, and which, and on which side.

What decides: the context groups of DICOM (PS3.16) for segmented properties, as pydicom has them: anatomical structures
(CID 7192), abnormal ones (CID 7194), tissues (CID 7166), physical objects (CID 7193) and body substances (CID 7197).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jlabel.errors import LabelError

Code = tuple[str, str, str]
#: The setting of a datastore with the codes of imported labels, by their names.
CODES_SETTING = "dicom codes"

_TISSUE: Code = ("85756007", "SCT", "Tissue")
_GROUPS: Mapping[int, Code] = {
    7192: ("123037004", "SCT", "Anatomical Structure"),
    7194: ("49755003", "SCT", "Morphologically Altered Structure"),
    7166: _TISSUE,
    7193: ("260787004", "SCT", "Physical object"),
    7197: ("91720002", "SCT", "Body substance"),
}
_SIDES: Mapping[str, Code] = {
    "left": ("7771000", "SCT", "Left"),
    "right": ("24028007", "SCT", "Right"),
    "bilateral": ("51440002", "SCT", "Right and left"),
}
# What people write, and what the context groups say.
_SAME = {
    "tumor": "neoplasm",
    "tumour": "neoplasm",
    "cancer": "neoplasm",
    "metastasis": "secondary neoplasm",
    "oedema": "edema",
    "haemorrhage": "hemorrhage",
    "gland": "",
    "l": "left",
    "r": "right",
    "both": "bilateral",
    "vertebrae": "vertebra",
    "atria": "atrium",
    "brainstem": "brain stem",
    "gallbladder": "gallbladder",
    "oesophagus": "esophagus",
}
_IDLE = {"the", "of", "structure", "entire", "and"}
_PARTS = re.compile(r"[a-z]+\d*|\d+")


@dataclass(frozen=True)
class SegmentCode:
    """What a segment is.

    Attributes:
        category: What kind of thing, as value, coding scheme and meaning.
        type: Which.
        side: On which side, or None.
    """

    category: Code
    type: Code
    side: Code | None = None


#: For a name that no context group has.
TISSUE = SegmentCode(_TISSUE, _TISSUE)


def code_of(name: str) -> SegmentCode:
    """The codes for the name of a label, in any order of its words: ``"kidney_left"``, ``"Left Kidney"``.

    A name that is not known gets the code for tissue, as other programs do.
    """
    words = _words(name)
    sides = [side for side in _SIDES if side in words]
    for found, side in ((words, None), (words - set(sides), _SIDES[sides[0]] if len(sides) == 1 else None)):
        known = _known().get(found)
        if known is not None:
            return SegmentCode(*known, side)
    return TISSUE


def stated_code(name: str, stated: Any) -> SegmentCode:
    """Codes as a person states them for a label: a type, or a pair of category and type.

    Raises:
        LabelError: They are none.
    """
    try:
        parts = [_triple(one) for one in (stated if not isinstance(stated[0], str) else [stated])]
    except (TypeError, ValueError, IndexError, KeyError):
        parts = []
    if len(parts) == 2:
        return SegmentCode(parts[0], parts[1])
    if len(parts) != 1:
        raise LabelError(
            f"the code of {name!r} is three texts, such as ('10200004', 'SCT', 'Liver'), or a pair of such codes, the "
            f"category and the type; not {stated!r}"
        )
    category = next((category for category, kind in _known().values() if kind[:2] == parts[0][:2]), _TISSUE)
    return SegmentCode(category, parts[0])


def _triple(code: Any) -> Code:
    value, scheme, meaning = code
    if not all(isinstance(one, str) and one.strip() for one in (value, scheme, meaning)):
        raise ValueError("a part of it is no text")
    return value, scheme, meaning


@lru_cache(maxsize=1)
def _known() -> Mapping[frozenset[str], tuple[Code, Code]]:
    """Category and type by the words of what they mean; the first group that has them counts."""
    from pydicom.sr.codedict import codes

    found: dict[frozenset[str], tuple[Code, Code]] = {}
    for group, category in _GROUPS.items():
        for code in getattr(codes, f"cid{group}").concepts.values():
            kind: Code = (str(code.value), str(code.scheme_designator), str(code.meaning))
            found.setdefault(_words(kind[2]), (category, kind))
    return found


def _words(name: str) -> frozenset[str]:
    spelled = " ".join(_SAME.get(part, part) for part in _PARTS.findall(name.casefold()))
    return frozenset(_singular(word) for word in spelled.split() if word not in _IDLE)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith(("ss", "us", "is", "as")) else word


def kept_codes(segments: Iterable[Any]) -> dict[str, list[list[str]]]:
    """The codes of segments that were imported, as JSON, by the names of segments."""
    return {one.name: [list(one.category), list(one.type)] for one in segments if one.category and one.type}
