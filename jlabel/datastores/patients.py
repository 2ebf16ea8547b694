"""Which patient an image is of, as its info tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PATIENT_KEYS = ("patient", "patient_id", "PatientID")
"""Where the info of an image may name its patient."""


def patient_in(info: Mapping[str, Any]) -> str:
    """The patient that the info of an image names; "" where it names none."""
    found = next((info[key] for key in PATIENT_KEYS if info.get(key) not in (None, "")), "")
    return str(found) if isinstance(found, str | int) else ""
