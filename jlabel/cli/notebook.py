"""The notebook that ``jlabel run`` and ``jlabel lab`` open: in its own folder, never over what a person has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jlabel.errors import JlabelError
from jlabel.files.atomic import atomic_write

_NAME = "label"


def notebooks_folder(files: Sequence[Path], studies: Path | None) -> Path:
    """The folder for an app and its studies, in the user's data folder of jlabel.

    Args:
        files: The app's files.
        studies: Its studies, if they were named.
    """
    import platformdirs

    named = "\n".join(map(str, [*files, studies or ""]))
    digest = hashlib.sha256(named.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return Path(platformdirs.user_data_path("jlabel")) / "notebooks" / f"{files[0].stem[:40]}-{digest}"


def app_notebook(
    name: str,
    files: Sequence[Path],
    studies: str | None,
    overrides: Mapping[str, Any],
    manager: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A notebook that makes the app and shows the labeler.

    Args:
        name: Of the app.
        files: Its files, absolute.
        studies: The folder of images, or a URL; None for what the files say.
        overrides: Of the files' values: Python literals.
        manager: What the manager is given beside the app: Python literals by name.
    """
    named = [str(file) for file in files]
    lines = ["app = jlabel.app_from_config("]
    lines.append(f"    {(named[0] if len(named) == 1 else named)!r},")
    lines += [f"    studies={studies!r},"] if studies is not None else []
    lines += [f"    overrides={dict(overrides)!r},"] if overrides else []
    return label_notebook(name, [*lines, ")"], manager)


def label_notebook(name: str, app: Sequence[str], manager: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A notebook that makes an app and shows the labeler.

    Args:
        name: Of the app.
        app: The lines of Python that make it, as ``app``.
        manager: What the manager is given beside the app: Python literals by name.
    """
    given = ", ".join(["app", *(f"{key}={value!r}" for key, value in (manager or {}).items())])
    lines = ["import jlabel", "", *app, f"manager = jlabel.AppManager({given})", "manager"]
    cells = [
        _cell("markdown", f"# {_as_text(name)}\n\nRun the cells from the top (Shift+Enter)."),
        _cell("code", "\n".join(lines)),
        _cell("code", "labeler = manager.labeler()\nlabeler"),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for number, cell in enumerate(cells):
        cell["id"] = f"run-{number}"
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def write_notebook(folder: Path, notebook: dict[str, Any]) -> Path:
    """Write a notebook under the first name that is free, or that has one that nobody has changed.

    Args:
        folder: Made if it is not there.
        notebook: What to write.

    Raises:
        JlabelError: The folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise JlabelError(f"{folder} cannot be made: {error.strerror}") from error
    number = 1
    while True:
        file = folder / f"{_NAME}{'' if number == 1 else f'-{number}'}.ipynb"
        if not file.exists() or _is_unchanged(file):
            break
        number += 1
    if file.exists() and _sources(notebook) == _cells(file):
        return file
    content = (json.dumps(notebook, indent=1) + "\n").encode()
    for path in (file, _origin(file)):
        atomic_write(path, lambda opened: opened.write(content))
    return file


def _origin(file: Path) -> Path:
    return file.with_name(f".{file.name}.origin")


def _is_unchanged(file: Path) -> bool:
    return (mine := _cells(file)) is not None and mine == _cells(_origin(file))


def _cells(file: Path) -> list[tuple[str, str]] | None:
    """Kind and source of each cell (outputs are no change of the person's), or None where it is no notebook."""
    try:
        return _sources(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _sources(notebook: dict[str, Any]) -> list[tuple[str, str]]:
    return [(cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]]


def _cell(kind: str, source: str) -> dict[str, Any]:
    code: dict[str, Any] = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "id": "", "metadata": {}, "source": source.splitlines(keepends=True), **code}


def _as_text(name: str) -> str:
    """A name that is shown as it is: nothing of it is Markdown or HTML."""
    special = {**{one: f"\\{one}" for one in "\\`*_{}[]()#+-.!|~>$"}, "<": "&lt;", "&": "&amp;"}
    return "".join(special.get(one, one) for one in " ".join(name.split()))
