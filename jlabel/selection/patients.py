"""Which images are of one patient, and which are neighbouring slices of one volume, as far as their names say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

# "patient_003", "sub-01", "Case 12", "pat7": the number belongs to the word.
_NAMED = re.compile(
    r"(?<![a-z])(?:patient|pat|subject|subj|sub|case|study|person|pid)[-_ .]?[a-z]{0,4}\d+", re.IGNORECASE
)
_SLICE = re.compile(r"(?<![a-z])(?:slice|slc|frame|layer|plane|z)[-_ .]?(\d+)(?!.*\d)", re.IGNORECASE)
# "case1-2", "p03_12": a name that has a number of its own, and a second one behind.
_NUMBERED = re.compile(r"(.*\d.*?)[-_. ]+(\d+)")


def patient_groups(ids: Sequence[str], known: Mapping[str, str] | None = None) -> list[str]:
    """The patient of each image; an image of which nothing is known is a patient of its own.

    Args:
        ids: The images.
        known: Patients of images, as the datastore has them; they count before what a name says.
    """
    known = known or {}
    return [f"patient {known[image_id]}" if image_id in known else _group(image_id) for image_id in ids]


def slice_place(image_id: str) -> tuple[str, int] | None:
    """The volume of a slice and its number in it; None for an image whose name does not say that it is a slice.

    Examples:
        >>> from jlabel.selection.patients import slice_place
        >>> slice_place("patient_003_slice_12"), slice_place("case_12")
        (('patient_003_slice_', 12), None)
    """
    name = image_id.rpartition("/")[2]
    found = _SLICE.search(name)
    if found is None:
        return None
    return image_id[: len(image_id) - len(name) + found.start(1)], int(found[1])


def _group(image_id: str) -> str:
    folder, _, name = image_id.rpartition("/")
    named = _NAMED.search(image_id)
    if named is not None:
        return image_id[: named.end()]
    numbered = _NUMBERED.fullmatch(name)
    if numbered is not None:
        return f"{folder}/{numbered[1]}"
    place = slice_place(image_id)
    if place is not None:
        return place[0]
    return folder if any(letter.isdigit() for letter in folder) else image_id
