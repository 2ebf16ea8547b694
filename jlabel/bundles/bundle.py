"""The folder of a MONAI bundle: which files it has, and what they say before anything in it is run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from jlabel.errors import TaskError

_ENDINGS = (".json", ".yaml", ".yml")
# What MONAI loads and overwrites comes first: the other may be of an earlier training.
_WEIGHTS = (".pt", ".pth", ".safetensors")
# A configuration is text that a person writes.
_MOST_BYTES = 50_000_000


@dataclass(frozen=True)
class Bundle:
    """A MONAI bundle in a folder; making it runs nothing of what is there.

    Args:
        root: The bundle's folder, with ``configs``.
        name: By which it is told from others; by default the folder's own.

    Raises:
        TaskError: It is no bundle; says what is missing.
    """

    root: Path
    name: str = field(default="")

    def __post_init__(self) -> None:
        root = Path(self.root).expanduser().absolute()
        object.__setattr__(self, "root", root)
        object.__setattr__(self, "name", self.name or root.name)
        if not root.is_dir():
            raise TaskError(f"{root}: no such folder; a MONAI bundle is a folder with configs/inference.json in it")
        if not (root / "configs").is_dir():
            raise TaskError(f"{root} is no MONAI bundle: it has no folder 'configs'")

    def configuration(self, name: str) -> Path | None:
        """The file ``configs/<name>.json``, ``.yaml`` or ``.yml``; None where there is none."""
        files = (self.root / "configs" / f"{name}{ending}" for ending in _ENDINGS)
        return next((file for file in files if file.is_file()), None)

    def need(self, name: str) -> Path:
        """As :meth:`configuration`.

        Raises:
            TaskError: There is none; says which there are.
        """
        file = self.configuration(name)
        if file is None:
            there = sorted(file.name for file in (self.root / "configs").iterdir() if file.suffix in _ENDINGS)
            found = f"it has {', '.join(there)}" if there else "the folder configs is empty"
            raise TaskError(f"bundle {self.name!r} has no configs/{name}.json or .yaml; {found}")
        return file

    @cached_property
    def metadata(self) -> Mapping[str, Any]:
        """What ``configs/metadata.json`` says; empty where there is none.

        Raises:
            TaskError: It is damaged.
        """
        file = self.configuration("metadata")
        return {} if file is None else read_mapping(file, self.name)

    def read(self, names: str | Sequence[str]) -> tuple[list[Path], dict[str, Any]]:
        """Configurations by name, such as ``"inference"``: their files, and what they say together, a later one first.

        Raises:
            TaskError: One is not there or damaged.
        """
        files, said = [self.need(name) for name in ([names] if isinstance(names, str) else names)], dict[str, Any]()
        for file in files:
            said.update(read_mapping(file, self.name))
        return files, said

    def weights(self) -> list[Path]:
        """The files in ``models`` that may hold weights, ``model.*`` first."""
        folder = self.root / "models"
        found = sorted(folder.iterdir()) if folder.is_dir() else []
        files = [file for file in found if file.suffix in _WEIGHTS and file.is_file()]
        return sorted(files, key=lambda file: (file.stem != "model", _WEIGHTS.index(file.suffix)))


def read_mapping(file: Path, bundle: str) -> dict[str, Any]:
    """The contents of a JSON or YAML file of a bundle, as plain values: nothing in them is run.

    Args:
        file: The file.
        bundle: The name of the bundle, for the error.

    Raises:
        TaskError: It cannot be read, is damaged, or is no mapping.
    """
    where = f"bundle {bundle!r}: {file}"
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise TaskError(f"{where} has more than {_MOST_BYTES // 1_000_000} MB: that is no configuration")
        text = file.read_text(encoding="utf-8")
        content = json.loads(text) if file.suffix == ".json" else _yaml(text)
    except OSError as error:
        raise TaskError(f"{where} cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise TaskError(f"{where} is no valid {file.suffix[1:].upper()}: {error or 'too deep'}") from error
    if not isinstance(content, dict):
        raise TaskError(f"{where} holds a {type(content).__name__}, not names with values")
    return content


def components(config: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every part of a configuration that is made of a ``_target_``, with its id."""
    left: list[tuple[str, Any]] = [("", config)]
    while left:
        id, part = left.pop(0)
        if isinstance(part, dict) and "_target_" in part:
            yield id, part
        if isinstance(part, dict | list):
            named = part.items() if isinstance(part, dict) else enumerate(part)
            left += [(f"{id}::{name}" if id else str(name), value) for name, value in named]


def target_name(component: Mapping[str, Any]) -> str:
    """The class or function that makes a component, without its module; ``"LoadImaged"`` for all its spellings."""
    name = str(component.get("_target_", "")).rpartition(".")[2]
    for ending in ("Dict", "D"):
        if name.endswith(ending) and name != ending:
            return f"{name.removesuffix(ending)}d"
    return name


def _yaml(text: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from error
