"""Tables of names, values and colours: label descriptions of ITK-SNAP, colour tables of 3D Slicer, lists in JSON.

An ITK-SNAP description has a line for each label: value, red, green, blue (0 to 255), opacity, two switches, and the
name in quotation marks. A colour table of 3D Slicer (``.ctbl``) has value, name with ``_`` for
spaces, red, green, blue and opacity; newer ones may have a head line and commas instead.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jlabel.errors import LabelError
from jlabel.exchange.found import FoundName
from jlabel.files.json_values import parse_json
from jlabel.labels.label import LARGEST_VALUE, Label
from jlabel.labels.names import seen_name

_MOST_BYTES = 4 * 1024**2
_SNAP = re.compile(r'\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+[\d.eE+-]+\s+\d+\s+\d+\s+"(.*)"\s*')
_SLICER = re.compile(r'\s*(\d+)\s+("[^"]*"|\S+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*')
_JSON_TABLES = ("label_names.json", "labels.json")


def read_label_table(path: Path | str) -> tuple[FoundName, ...]:
    """Read a table of labels: of ITK-SNAP (``.txt``), of 3D Slicer (``.ctbl``), or names and values in JSON.

    The background, value 0, is left out.

    Raises:
        LabelError: It is none, or cannot be read.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES).decode("utf-8-sig")
        names = _names_in_json(parse_json(text)) if path.suffix.lower() == ".json" else _names_in_lines(text)
    except (OSError, ValueError) as error:
        raise LabelError(f"{path}: cannot be read as a table of labels: {error}") from error
    if not names:
        raise LabelError(f"{path}: is no table of labels of ITK-SNAP or 3D Slicer, and no names and values in JSON")
    return names


def table_beside(*folders: Path) -> tuple[FoundName, ...]:
    """The names in a table of labels that lies in one of the folders; empty where there is none."""
    for folder in folders:
        for path in _tables_in(folder):
            try:
                return read_label_table(path)
            except LabelError:
                continue  # a text that is something else
    return ()


def tables_by_image(folder: Path) -> dict[str, tuple[FoundName, ...]]:
    """The names in ``label_names.json`` where each image has its own: ``{image: {value: name}}``; else none."""
    try:
        with (folder / _JSON_TABLES[0]).open("rb") as file:
            content = parse_json(file.read(_MOST_BYTES))
        tables = content.items() if isinstance(content, dict) else ()
        return {str(image): names_of_values(one) for image, one in tables if isinstance(one, dict)}
    except (OSError, ValueError):
        return {}


def write_snap_table(labels: Iterable[Label]) -> str:
    """The labels as a label description of ITK-SNAP."""
    lines = [
        "# ITK-SnAP Label Description File",
        "# IDX   -R-  -G-  -B-  -A--  VIS MSH  LABEL",
        *(
            f'{value:5d} {red:5d} {green:4d} {blue:4d} {opacity:8g} {seen:2d} {seen:2d}    "{name}"'
            for value, (red, green, blue), opacity, seen, name in _snap_rows(labels)
        ),
    ]
    return "\n".join(lines) + "\n"


def write_slicer_table(labels: Iterable[Label]) -> str:
    """The labels as a colour table of 3D Slicer."""
    rows = [(0, "Background", (0, 0, 0), 0), *((one.value, one.name, rgb(one.color), 255) for one in labels)]
    lines = [
        f"{value} {name.replace(' ', '_')} {' '.join(map(str, color))} {alpha}" for value, name, color, alpha in rows
    ]
    return "\n".join(["# Color table file", f"# {len(lines)} values", *lines]) + "\n"


def rgb(color: str) -> tuple[int, int, int]:
    """A colour ``#rrggbb`` as three numbers from 0 to 255."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def hex_color(red: float, green: float, blue: float) -> str:
    """Three numbers from 0 to 255 as ``#rrggbb``."""
    return "#" + "".join(f"{min(255, max(0, round(part))):02x}" for part in (red, green, blue))


def names_of_values(values: Mapping[Any, Any]) -> tuple[FoundName, ...]:
    """Names from ``{name: value}`` or ``{value: name}``, in the order of their values, without the background.

    Raises:
        ValueError: It is neither.
    """
    pairs = [_pair(key, value) for key, value in values.items()]
    return tuple(FoundName(value, name) for value, name in sorted(pairs) if _is_structure(value, name))


def distinct(names: Iterable[FoundName]) -> tuple[FoundName, ...]:
    """The names without values and names that came before."""
    found: dict[int, FoundName] = {}
    for one in names:
        if one.value not in found and all(one.name != other.name for other in found.values()):
            found[one.value] = one
    return tuple(found.values())


def _tables_in(folder: Path) -> list[Path]:
    try:
        files = sorted(one for one in folder.iterdir() if one.is_file() and not one.name.startswith("."))
    except OSError:
        return []
    return [one for one in files if one.suffix.lower() in (".txt", ".ctbl") or one.name.lower() in _JSON_TABLES]


def _names_in_json(content: Any) -> tuple[FoundName, ...]:
    if not isinstance(content, dict):
        raise ValueError("it holds no names and values")
    return names_of_values(content)


def _names_in_lines(text: str) -> tuple[FoundName, ...]:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if lines and {"labelvalue", "name"} <= {cell.strip().lower() for cell in lines[0].split(",")}:
        return _names_in_csv(lines)
    found = []
    for line in lines:
        snap, slicer = _SNAP.fullmatch(line), _SLICER.fullmatch(line)
        if snap is not None:
            value, *color, name = snap.groups()
        elif slicer is not None:
            value, name, *color, _ = slicer.groups()
            name = name.strip('"').replace("_", " ")
        else:
            return ()
        found.append(FoundName(int(value), seen_name(name), hex_color(*map(float, color))))
    return tuple(one for one in found if _is_structure(one.value, one.name))


def _names_in_csv(lines: list[str]) -> tuple[FoundName, ...]:
    found = []
    for row in csv.DictReader(lines):
        cells = {str(key).strip().lower(): (value or "").strip() for key, value in row.items()}
        color = [float(cells[key]) for key in ("color_r", "color_g", "color_b") if cells.get(key)]
        found.append(
            FoundName(
                int(cells["labelvalue"]), seen_name(cells["name"]), hex_color(*color) if len(color) == 3 else None
            )
        )
    return tuple(one for one in found if _is_structure(one.value, one.name))


def _pair(key: Any, value: Any) -> tuple[int, str]:
    if isinstance(value, str) and str(key).isdecimal():
        return int(key), seen_name(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value, seen_name(str(key))
    raise ValueError(f"{key!r}: {value!r} is no name with its value")


def _is_structure(value: int, name: str) -> bool:
    return 1 <= value <= LARGEST_VALUE and name.lower() != "background"


def _snap_rows(labels: Iterable[Label]) -> list[tuple[int, tuple[int, int, int], float, int, str]]:
    rows = [(one.value, rgb(one.color), 1.0, 1, one.name.replace('"', "'")) for one in labels]
    return [(0, (0, 0, 0), 0.0, 0, "Clear Label"), *rows]
