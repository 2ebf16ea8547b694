"""A bundle that jlabel has trained further, as a bundle again: its own files, with the new weights."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jlabel.bundles.bundle import Bundle, read_mapping
from jlabel.bundles.export.metadata import NOT_STATED, eval_metrics, inert_text, provenance, stated_fields
from jlabel.bundles.export.model import ExportedModel
from jlabel.bundles.export.model_card import fine_tuned_section
from jlabel.bundles.infer import BundleInferTask

WEIGHTS = "models/model.pt"
# Made of the former weights.
_STALE = (".ts", ".onnx", ".trt", ".engine", ".plan")
_LEFT_OUT = {"models/model.safetensors", "configs/metadata.yaml", "configs/metadata.yml"}
_FOLDERS = ("configs", "docs", "models", "scripts")
_SINGLE = ("LICENSE", "LICENSE.txt", "license.txt", "NOTICE", "README.md")
_METADATA, _README = "configs/metadata.json", "docs/README.md"
_WEIGHTS_FILE = re.compile(r"models/[\w.-]+\.pth?\b")


def bundle_folder(model: ExportedModel) -> Path | None:
    """The folder of the bundle that the model comes from; None for a model of jlabel's own."""
    return model.task.bundle.root if isinstance(model.task, BundleInferTask) else None


def fine_tuned_files(folder: Path, model: ExportedModel, given: Mapping[str, Any]) -> dict[str, bytes | Path]:
    """What the bundle of a fine-tuned version holds beside its weights, by the path in it.

    Args:
        folder: The bundle that it was trained from, which is only read.
        model: The version.
        given: Fields of ``metadata.json`` that the user states.

    Returns:
        The content of files that are written anew, and where the others are.

    Raises:
        TaskError: The bundle is gone, or its metadata are damaged.
    """
    former = _metadata(folder)
    changed = {**former, **_news(former, model), **stated_fields(given)}
    readme = folder / _README
    text = (
        readme.read_text(encoding="utf-8", errors="replace") if readme.is_file() else f"# {changed.get('name', '')}\n"
    )
    return {
        **{name: folder / name for name in _kept(folder)},
        _METADATA: (json.dumps(changed, indent=4) + "\n").encode(),
        _README: f"{text.rstrip()}\n\n{fine_tuned_section(changed)}\n".encode(),
    }


def weights_file(folder: Path) -> str:
    """Which file of the bundle its inference loads: ``models/model.pt`` unless it says another."""
    found: set[str] = set()
    for ending in ("json", "yaml", "yml"):
        file = folder / "configs" / f"inference.{ending}"
        if file.is_file():
            found |= set(_WEIGHTS_FILE.findall(file.read_text(encoding="utf-8", errors="replace")))
    return found.pop() if len(found) == 1 else WEIGHTS


def _metadata(folder: Path) -> dict[str, Any]:
    """As they are now: somebody may have changed them since the task was made."""
    bundle = Bundle(folder)
    file = bundle.configuration("metadata")
    return {} if file is None else read_mapping(file, bundle.name)


def _news(former: Mapping[str, Any], model: ExportedModel) -> dict[str, Any]:
    version = model.version
    before = str(former.get("version", "0.0.0"))
    number = f"{before.partition('+')[0]}+{version.number}"
    changes = former.get("changelog")
    change = f"{before} trained further with jlabel on {len(version.images)} labels"
    return {
        "version": number,
        "changelog": {number: inert_text(change), **(changes if isinstance(changes, dict) else {})},
        "eval_metrics": eval_metrics(version.metrics),
        "provenance": {**provenance(model), "bundle_version": inert_text(before)},
        "license": former.get("license", NOT_STATED),
    }


def _kept(folder: Path) -> Iterator[str]:
    """The files of a bundle that hold for other weights too."""
    replaced = {*_LEFT_OUT, weights_file(folder)}
    yield from (name for name in _SINGLE if (folder / name).is_file())
    for top in _FOLDERS:
        for place, folders, names in os.walk(folder / top):
            folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "__pycache__")
            for name in sorted(names):
                path = Path(place) / name
                inside = path.relative_to(folder).as_posix()
                stale = inside in replaced or (top == "models" and path.suffix in _STALE)
                if path.is_file() and not stale and not name.startswith("."):
                    yield inside
