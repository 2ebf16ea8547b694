"""A series as a search finds it: what it is, which folder stands for it, and what tells that it has changed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from jlabel.dicomweb.server import Json, first_value, is_uid

#: Series of labels, which belong to images.
LABEL_MODALITIES = frozenset(["SEG", "RTSTRUCT"])
# Objects that are no images: reports, plans, states of viewers, curves.
_NO_IMAGES = """
ANN AR ASMT AU DOC ECG EEG EMG EOG EPS FID HD IOL KER KO LEN M3D OAM OPM OPV PLAN POS PR REG RESP RTDOSE
RTINTENT RTPLAN RTRAD RTRECORD RTSEGANN SMR SR SRF STAIN TEXTUREMAP VA
"""
# What an answer says that is no matter of the series: where to get it, and whether it is at hand.
_NO_CONTENT = frozenset(["00081190", "00080054", "00080056", "00080005"])
_COUNT = "00201209"
_LONGEST = 40
# The folder of labels that every studies folder has.
_TAKEN = frozenset(["labels"])


@dataclass(frozen=True)
class Series:
    """A series.

    Attributes:
        study: StudyInstanceUID.
        uid: SeriesInstanceUID.
        modality: Such as ``"MR"``.
        patient: PatientID.
        folder: Relative to the images: patient, study and series, in letters that every disk can have.
        stamp: Another one where the server tells another thing of it; "" where it does not tell how many instances.
    """

    study: str
    uid: str
    modality: str
    patient: str
    folder: str
    stamp: str

    @property
    def holds_images(self) -> bool:
        """Whether it may hold images."""
        return self.modality not in _NO_IMAGES.split() and not self.holds_labels

    @property
    def holds_labels(self) -> bool:
        """Whether it holds segmentations or contours."""
        return self.modality in LABEL_MODALITIES


def series_of(found: Json) -> Series | None:
    """What an answer of a search says; None where it names no study or series that can be asked for."""
    study, uid = first_value(found, "0020000D"), first_value(found, "0020000E")
    if not is_uid(study) or not is_uid(uid):
        return None
    patient = _text(found, "00100020")
    study_name = _joined(_text(found, "00080020"), _text(found, "00081030")) or f"study_{digest(str(study), 6)}"
    series_name = _joined(_text(found, "00200011"), _text(found, "0008103E") or _text(found, "00080060"))
    parts = (patient, study_name, series_name or f"series_{digest(str(uid), 6)}")
    folder = "/".join(safe_name(part) or "unknown" for part in parts)
    stamp = "" if first_value(found, _COUNT) is None else _stamp(found)
    return Series(str(study), str(uid), _text(found, "00080060").upper(), patient, folder, stamp)


def safe_name(text: str) -> str:
    """A text as a folder's name: letters, digits, ``-``, ``.`` and ``_`` alone, and short; "" where nothing is left.

    >>> safe_name("../t1 mprage <b>"), safe_name("labels")
    ('t1_mprage_b', 'labels_')
    """
    kept = "".join(one if one.isalnum() or one in "-." else "_" for one in normalize("NFC", text))
    while "__" in kept:
        kept = kept.replace("__", "_")
    name = kept.strip("._-")[:_LONGEST].rstrip("._-")
    return f"{name}_" if name.casefold() in _TAKEN else name


def instance_name(number: Any, uid: str) -> str:
    """The name of an instance's file, by its number and its UID.

    >>> instance_name(7, "1.2.3")
    '7-c47f5b.dcm'
    """
    count = number if isinstance(number, int) and 0 <= number < 10**9 else 0
    return f"{count}-{digest(uid, 6)}.dcm"


def digest(text: str, length: int = 16) -> str:
    """A few digits that tell texts apart."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]


def _stamp(found: Json) -> str:
    return digest(json.dumps({tag: one for tag, one in found.items() if tag not in _NO_CONTENT}, sort_keys=True))


def _text(found: Json, tag: str) -> str:
    value = first_value(found, tag)
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _joined(*parts: str) -> str:
    return "_".join(part for part in parts if part)
