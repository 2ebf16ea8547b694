"""Make the virtual environment of the Makefile, ``python scripts/make_venv.py FOLDER``; an old Python is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
NO_VENV = "cannot make a virtual environment: install Python's venv module (on Debian: apt-get install python3-venv)"


def main(folder: Path) -> str | None:
    """Make the environment unless it is there; return what is wrong, or None."""
    if sys.version_info < OLDEST:
        oldest, this = ".".join(map(str, OLDEST)), sys.version.split()[0]
        return f"jlabel needs Python {oldest} or newer; {sys.executable} is {this}: make PYTHON=python3.12 ..."
    python = folder / "bin" / "python"
    if python.exists():
        return None
    try:
        import ensurepip
        import venv
    except ImportError:
        return _without_ensurepip(folder, python)
    print(f"making {folder} with pip {ensurepip.version()} ...", file=sys.stderr)
    venv.create(folder, with_pip=True, symlinks=True)
    return None


def _without_ensurepip(folder: Path, python: Path) -> str | None:
    """Debian keeps ensurepip in another package; the pip that is there can install itself into the environment."""
    made = [sys.executable, "-m", "venv", "--without-pip", str(folder)]
    filled = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "pip"]
    return None if all(subprocess.call(command) == 0 for command in (made, filled)) else NO_VENV


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
