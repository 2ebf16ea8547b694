"""The files of an app: read by MONAI's parser, within limits, with ``%`` paths counted from each file's own folder."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from monai.bundle import ConfigParser

from jlabel.apps.app_file.ids import SEPARATOR, below, did_you_mean
from jlabel.apps.app_file.lines import line_of
from jlabel.errors import ConfigError

SUFFIXES = (".json", ".yaml", ".yml")
MOST_BYTES = 1 << 20
#: Items of a file, those of a YAML anchor counted at each of its uses, and how deep they may lie in each other.
MOST_ITEMS = 100_000
MOST_DEPTH = 50
_MACRO = "%"


@dataclass(frozen=True)
class SourceFile:
    """A file of an app.

    Attributes:
        path: Where it lies, absolute.
        content: What it says, the paths of its macros absolute.
    """

    path: Path
    content: dict[str, Any]


def read_source(file: str | Path) -> SourceFile:
    """Read one file; nothing of it is evaluated.

    Raises:
        ConfigError: It is not there, too large, no JSON or YAML, or no mapping, or a macro's file is not there.
    """
    path = Path(file).expanduser().absolute()
    _check_file(path)
    content = _load(path)
    if not isinstance(content, dict):
        what = "is empty" if content is None else f"holds a {type(content).__name__}"
        raise ConfigError(f"an app file is a mapping, such as 'labels: [liver]', and this one {what}", path)
    odd = [key for key in content if not isinstance(key, str) or not key]
    if odd:
        raise ConfigError(f"keys are texts, and {odd[0]!r} is none: put it in quotes", path)
    _check_extent(content, path)
    return SourceFile(path, absolute_macros(content, path.parent, lambda id: (path, line_of(path, id))))


def absolute_macros(value: Any, folder: Path, place: Callable[[str], tuple[Path | None, int | None]]) -> Any:
    """A copy in which the file that a macro (``%other.json::a``) names is an absolute path.

    Args:
        value: What a file or an override says.
        folder: From which relative paths count.
        place: File and line of an id, for errors.

    Raises:
        ConfigError: There is no such file.
    """

    def copied(value: Any, id: str) -> Any:
        if isinstance(value, dict):
            return {key: copied(item, below(id, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [copied(item, below(id, number)) for number, item in enumerate(value)]
        return macro(value, id) if isinstance(value, str) and value.startswith(_MACRO) else value

    def macro(value: str, id: str) -> str:
        named, inside = ConfigParser.split_path_id(value[len(_MACRO) :])
        if not named:
            return value
        path = folder / Path(named).expanduser()
        if not path.is_file():
            raise ConfigError(f"{value} names the file {path}, which is not there", *place(id), id)
        missing = _missing(path, inside)
        if missing:
            raise ConfigError(f"{value}: {missing}", *place(id), id)
        return f"{_MACRO}{path}{SEPARATOR + inside if inside else ''}"

    return copied(value, "")


def _missing(path: Path, id: str) -> str:
    """Why a macro's file does not have what it names; empty where it has."""
    _check_file(path)
    content = _load(path)
    _check_extent(content, path)
    if not id or id in ConfigParser(config=content):
        return ""
    return f"{path.name} has no {id}: {did_you_mean(id, content if isinstance(content, dict) else ())}"


def _check_file(path: Path) -> None:
    try:
        there, size = path.is_file(), path.stat().st_size if path.is_file() else 0
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot be read: {error}", path) from error
    if path.suffix.lower() not in SUFFIXES:
        raise ConfigError(f"an app file is named .yaml, .yml or .json, not {path.suffix or 'without ending'}", path)
    if not there:
        raise ConfigError("is a folder" if path.is_dir() else "does not exist", path)
    if size > MOST_BYTES:
        most = f"{MOST_BYTES >> 20} MiB"
        raise ConfigError(f"has {size / (1 << 20):.1f} MiB, and an app file may have {most}: read data by '$…'", path)


def _load(path: Path) -> Any:
    try:
        with warnings.catch_warnings():
            # MONAI goes on with the last one. In an app file that is a model that silently is not there.
            warnings.filterwarnings("error", message="Duplicate key")
            return ConfigParser.load_config_file(path)
    except json.JSONDecodeError as error:
        raise ConfigError(f"is no valid JSON: {error.msg} (column {error.colno})", path, error.lineno) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ConfigError(_yaml_reason(error), path, None if mark is None else mark.line + 1) from error
    except RecursionError as error:
        raise ConfigError(f"is nested deeper than {MOST_DEPTH} levels", path) from error
    except UnicodeDecodeError as error:
        raise ConfigError("is no text in UTF-8", path) from error
    except UserWarning as warning:
        key = str(warning).partition(": ")[2].strip("`")
        raise ConfigError(f"says {key!r} twice in one mapping", path, line_of(path, key)) from warning
    except Exception as error:
        # PyYAML raises whatever its constructors run into, such as an IndexError for an empty number.
        raise ConfigError(f"cannot be read: {error}", path) from error


def _yaml_reason(error: yaml.MarkedYAMLError) -> str:
    if "tag:yaml.org,2002:merge" in (error.problem or ""):
        return (
            "MONAI's parser takes no merge key '<<': write a reference, such as '@defaults::a', or a macro '%defaults'"
        )
    return f"is no valid YAML: {error.problem or error.context} (texts with @, %, ':' or brackets go in quotes)"


def _check_extent(content: Any, path: Path) -> None:
    items: Iterator[Any] = iter([content])
    waiting, count = [items], 0
    while waiting:
        item = next(waiting[-1], waiting)
        if item is waiting:
            waiting.pop()
            continue
        count += 1
        if count > MOST_ITEMS:
            raise ConfigError(f"holds more than {MOST_ITEMS:,} items, those of its anchors counted at each use", path)
        if isinstance(item, dict | list):
            items = iter(item.values() if isinstance(item, dict) else item)
            waiting.append(items)
            if len(waiting) > MOST_DEPTH + 1:
                raise ConfigError(f"is nested deeper than {MOST_DEPTH} levels", path)
