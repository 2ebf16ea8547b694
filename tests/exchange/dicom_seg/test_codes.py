"""Codes for what labels are called."""

from __future__ import annotations

import pytest

from jlabel.errors import LabelError
from jlabel.exchange.dicom_seg.codes import TISSUE, code_of, stated_code


@pytest.mark.parametrize(
    ("name", "meaning", "side"),
    [
        ("liver", "Liver", None),
        ("Left Kidney", "Kidney", "Left"),
        ("kidney_right", "Kidney", "Right"),
        ("Lungs", "Lung", None),
        ("vertebrae_L1", "L1 vertebra", None),
        ("left ventricle", "Left ventricle", None),
        ("tumour", "Neoplasm", None),
        ("hippocampus", "Hippocampus", None),
    ],
)
def test_common_structures_are_known_by_their_names(name: str, meaning: str, side: str | None) -> None:
    found = code_of(name)
    assert found.type[1:] == ("SCT", meaning)
    assert (found.side[2] if found.side else None) == side


def test_the_kind_of_thing_follows_and_an_unknown_name_is_tissue() -> None:
    assert code_of("spleen").category == ("123037004", "SCT", "Anatomical Structure")
    assert code_of("lesion").category[2] == "Morphologically Altered Structure"
    assert code_of("structure 7") == TISSUE


def test_codes_can_be_stated() -> None:
    liver = ("10200004", "SCT", "Liver")
    assert stated_code("Hepar", liver).category[2] == "Anatomical Structure"
    own = ("1", "99OWN", "Thing")
    assert stated_code("x", (own, liver)).category == own
    for wrong in ("Liver", ("10200004", "SCT"), (1, 2, 3), None, (liver, liver, liver)):
        with pytest.raises(LabelError, match="the code of 'x' is three texts"):
            stated_code("x", wrong)
