"""Which label each segment becomes: by its name, or as a person says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from jlabel.datastores.spelling import canonical
from jlabel.errors import LabelError
from jlabel.exchange.dicom_seg.segment import Segment

_SEPARATORS = re.compile(r"[\s_\-]+")


def chosen_names(
    path: object, segments: Sequence[Segment], chosen: Mapping[str | int, str | None]
) -> dict[int, str | None]:
    """The name of the label that each segment is to become, by its number; None for one that is left out.

    Args:
        path: The file, named in errors.
        segments: Those of the file.
        chosen: Names or numbers of segments to the names of labels, or to None; the others keep their own name.

    Raises:
        LabelError: A segment is named that the file does not have.
    """
    names: dict[int, str | None] = {segment.number: segment.name for segment in segments}
    for key, name in chosen.items():
        meant = [one.number for one in segments if key in (one.name, one.number)]
        if not meant:
            raise LabelError(f"{path}: it has no segment {key!r}, but {listed(segments)}")
        names.update(dict.fromkeys(meant, name))
    return names


def known_label(name: str, labels: Iterable[str]) -> str | None:
    """The label of that name; where there is none, the only one that differs in case, spaces, ``_`` and ``-`` alone."""
    exact = {canonical(label): label for label in labels}
    if canonical(name) in exact:
        return exact[canonical(name)]
    alike = [label for label in exact.values() if _plain(label) == _plain(name)]
    return alike[0] if len(alike) == 1 else None


def label_of_each(
    path: object,
    segments: Sequence[Segment],
    chosen: Mapping[str | int, str | None],
    labels: Sequence[str],
    new_labels: bool,
) -> tuple[dict[int, str], dict[str, str]]:
    """The label that each segment becomes.

    Args:
        path: The file, named in errors.
        segments: Those of the file that have voxels.
        chosen: As for :func:`chosen_names`.
        labels: The names of the labels that there are.
        new_labels: Whether labels may be added.

    Returns:
        The names of labels by the numbers of segments, without those that are left out; and the labels that are to be
        added, with their colours ("" where the file gives none).

    Raises:
        LabelError: A segment has no label of its name, and none is to be added.
    """
    wanted = chosen_names(path, segments, chosen)
    found: dict[int, str] = {}
    added: dict[str, str] = {}
    missing = []
    for segment in segments:
        name = wanted[segment.number]
        if name is None:
            continue
        known = known_label(name, [*labels, *added])
        if known is None:
            missing.append(segment)
            known = name
            added[name] = segment.color
        found[segment.number] = known
    if missing and not new_labels:
        raise LabelError(
            f"{path}: no label is called as {listed(missing)}; the labels are {', '.join(labels)}. Say which they are, "
            f"labels={{{missing[0].name!r}: {labels[0]!r}}}, leave them out, labels={{{missing[0].name!r}: None}}, or "
            "add them as they are, new_labels=True"
        )
    return found, added


def listed(segments: Sequence[Segment]) -> str:
    """The names of segments, for a sentence."""
    names = [repr(segment.name) for segment in segments[:8]]
    return (", ".join(names) or "none") + (", …" if len(segments) > 8 else "")


def _plain(name: str) -> str:
    return _SEPARATORS.sub(" ", canonical(name)).strip().casefold()
