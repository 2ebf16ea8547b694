"""``imagesTr`` and ``labelsTr`` with a ``dataset.json``: the Medical Segmentation Decathlon, and nnU-Net.

In nnU-Net every channel of an image is a file of its own, ``case_0000``, ``case_0001``, …, and
``splits_final.json`` may tell which images are to validate with.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from jlabel.exchange.found import Findings, FoundLabel, FoundName, Layout, Split
from jlabel.exchange.label_tables import names_of_values, table_beside
from jlabel.exchange.layouts.files import image_files
from jlabel.files.json_values import parse_json

_MOST_BYTES = 64 * 1024**2
_CHANNEL = re.compile(r"(.+)_(\d{4})")
DECATHLON, NNUNET = "Medical Segmentation Decathlon", "nnU-Net"


def read_decathlon(folder: Path, images: str, labels: str) -> Layout:
    """The labels of a folder with ``imagesTr`` and ``labelsTr``.

    Args:
        folder: The folder.
        images: The name of the folder of images in it.
        labels: That of the labels.
    """
    content = _json(folder / "dataset.json")
    about = content if isinstance(content, dict) else {}
    found = Findings()
    names = _names(about, found, folder) or table_beside(folder, folder / labels)
    splits = _splits(_json(folder / "splits_final.json"))
    files, label_files = image_files(folder / images), image_files(folder / labels)
    channels = _channels(files)
    is_nnunet = bool(channels) and not any(stem in files for stem in label_files)
    for stem, path in label_files.items():
        own = channels.get(stem, ()) if is_nnunet else tuple(filter(None, [files.get(stem)]))
        if own:
            found.labels.append(FoundLabel(stem, path, own, names, split=splits.get(stem)))
        else:
            found.refuse(path, f"there is no image of that name in {folder / images}")
    return found.layout(NNUNET if is_nnunet else DECATHLON, folder)


def _channels(files: dict[str, Path]) -> dict[str, tuple[Path, ...]]:
    """The files of each case whose names end in the number of a channel."""
    found: dict[str, dict[int, Path]] = {}
    for stem, path in files.items():
        match = _CHANNEL.fullmatch(stem)
        if match is not None:
            found.setdefault(match[1], {})[int(match[2])] = path
    return {stem: tuple(channels[number] for number in sorted(channels)) for stem, channels in found.items()}


def _names(about: dict[str, Any], found: Findings, folder: Path) -> tuple[FoundName, ...]:
    labels = about.get("labels")
    if not isinstance(labels, dict):
        return ()
    regions = [name for name, value in labels.items() if isinstance(value, list)]
    if regions:
        found.refuse(
            folder / "dataset.json", f"names regions of several values ({', '.join(regions)}); they get no name"
        )
    try:
        return names_of_values(
            {name: value for name, value in labels.items() if name not in regions and name != "ignore"}
        )
    except ValueError as error:
        found.refuse(folder / "dataset.json", f"its labels cannot be understood: {error}")
        return ()


def _splits(content: Any) -> dict[str, Split]:
    """What the first fold uses each case for."""
    first = content[0] if isinstance(content, list) and content else None
    if not isinstance(first, dict):
        return {}
    uses: tuple[tuple[str, Split], ...] = (("train", "training"), ("val", "validation"))
    return {str(case): use for key, use in uses for case in first.get(key) or ()}


def _json(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            return parse_json(file.read(_MOST_BYTES))
    except (OSError, ValueError):
        return {}
