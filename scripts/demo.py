"""Open JupyterLab on the quickstart notebook, with the example studies or with the person's own (see ``make help``).

Everything it writes lies in .demo/: the example studies, JupyterLab's settings, and a working copy of the notebook, so
that the checkout stays as it is. The copy is replaced by a newer notebook only while its cells are those it came with.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from jlabel.cli.lab import FIRST_PORT, serve
from jlabel.errors import JlabelError

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = Path("notebooks/quickstart.ipynb")


def main(arguments: Sequence[str]) -> int:
    """Start the server, say its address, open a browser on it, and stay until it ends."""
    options = _options(arguments)
    home: Path = options.home
    home.mkdir(parents=True, exist_ok=True)
    variables = {"JLABEL_STUDIES": str(_studies(options.studies, home))}
    if options.labels:
        variables["JLABEL_LABELS"] = options.labels
    working_copy(ROOT / NOTEBOOK, home / NOTEBOOK)
    try:
        return serve(home, home / NOTEBOOK, _port(options.port), options.browser, variables)
    except JlabelError as error:
        sys.exit(str(error))


def working_copy(shipped: Path, copy: Path) -> None:
    """Copy the notebook to where the person works on it, unless they have changed the cells of an earlier copy."""
    origin = copy.with_name(f".{copy.name}.origin")
    if copy.exists() and not (origin.exists() and _cells(copy) == _cells(origin)):
        if origin.exists() and _cells(origin) != _cells(shipped):
            print(f"{copy} has your changes and is kept; delete it to get the newer notebook", flush=True)
        return
    if copy.exists() and _cells(origin) == _cells(shipped):
        return
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(shipped, copy)
    shutil.copyfile(shipped, origin)


def _cells(notebook: Path) -> list[tuple[str, str]] | None:
    """Return kind and source of each cell (outputs are no change of the person's), or None where it is no notebook."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        return [(cell["cell_type"], "".join(cell["source"])) for cell in cells]
    except (ValueError, KeyError, TypeError):
        return None


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", default="", help="a folder of images (default: the example studies)")
    parser.add_argument("--labels", default="", help="names of the labels, separated by commas")
    parser.add_argument("--browser", default="", help="none: only print the address")
    parser.add_argument("--port", default="", help=f"the port (default: the first free one from {FIRST_PORT})")
    parser.add_argument("--home", type=Path, default=ROOT / ".demo", help="where the demo keeps its files")
    return parser.parse_args(arguments)


def _studies(named: str, home: Path) -> Path:
    if named:
        folder = Path(named).expanduser().resolve()
        if not folder.is_dir():
            sys.exit(f"STUDIES={named}: there is no folder {folder}")
        return folder
    from jlabel.demo import example_studies

    folder = home / "studies"
    if not folder.exists():
        print("making the example studies ...", flush=True)
    return example_studies(folder)


def _port(named: str) -> int | None:
    if named and not named.isdigit():
        sys.exit(f"PORT={named}: a port is a number")
    return int(named) if named else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
