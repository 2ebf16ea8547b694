"""Try jlabel in environments of its own: the oldest dependencies that it allows, and the newest, on each Python here.

``make test-versions`` runs it. In each environment the built package is installed, and a session with the labeler and a
short training are run (``scripts/version_session.py``). One JSON line an environment; the exit status is 1 where one of
them fails.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13")
_LOWER = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?>=(?P<version>[0-9.]+)")


class Environment(NamedTuple):
    """What is tried.

    Attributes:
        python: The interpreter.
        version: Its version, such as ``"3.11"``.
        which: ``"lowest"`` or ``"newest"`` dependencies.
    """

    python: Path
    version: str
    which: str


def lower_bounds(project: dict[str, Any], leave_out: Sequence[str] = ()) -> list[str]:
    """The oldest version of every dependency that the project allows, as requirements.

    Args:
        project: The table ``[project]`` of pyproject.toml.
        leave_out: Names of dependencies that are left to whoever installs.
    """
    found = (_LOWER.match(requirement) for requirement in project["dependencies"])
    pairs = [(match["name"], match["version"]) for match in found if match is not None]
    return [f"{name}=={version}" for name, version in pairs if name not in leave_out]


def interpreters(wanted: Sequence[str] = PYTHONS) -> Iterator[tuple[str, Path]]:
    """The Pythons of those versions that there are on this machine, each by its version."""
    folders = [*os.environ.get("PATH", "").split(os.pathsep), *map(str, Path.home().glob(".pyenv/versions/*/bin"))]
    for version in wanted:
        for folder in folders:
            program = Path(folder) / f"python{version}"
            if program.is_file() and _runs(program, version):
                yield version, program
                break
        else:
            sys.stderr.write(f"Python {version} is not on this machine: left out\n")


def _runs(program: Path, version: str) -> bool:
    command = [str(program), "-c", "import sys, venv; print('%d.%d' % sys.version_info[:2])"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode == 0 and done.stdout.strip() == version


def environments(pythons: Sequence[tuple[str, Path]]) -> list[Environment]:
    """The newest dependencies on each Python, and the oldest on the oldest one, for which they were built."""
    newest = [Environment(program, version, "newest") for version, program in pythons]
    lowest = [Environment(program, version, "lowest") for version, program in pythons[:1]]
    return [*lowest, *newest]


def tried(environment: Environment, wheel: Path, work: Path, torch: str) -> dict[str, Any]:
    """What came of one environment.

    Args:
        environment: What to try.
        wheel: The built package.
        work: A folder for the environment; made.
        torch: The torch to use, as a requirement, or ``""`` for what the dependencies say.
    """
    python = work / "bin" / "python"
    constraints = work.with_suffix(".txt")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lowest = lower_bounds(project, ["torch"] if torch else []) if environment.which == "lowest" else []
    constraints.write_text("\n".join([*lowest, *([torch] if torch else [])]) + "\n")
    line: dict[str, Any] = {"python": environment.version, "dependencies": environment.which}
    start = time.monotonic()
    steps = {
        "make the environment": [str(environment.python), "-m", "venv", str(work)],
        "install": [str(python), "-m", "pip", "install", "-qq", "-c", str(constraints), str(wheel)],
        "session": [str(python), str(ROOT / "scripts" / "version_session.py")],
    }
    for step, command in steps.items():
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=work.parent)
        if done.returncode != 0:
            return {**line, "ok": False, "failed": step, "error": (done.stdout + done.stderr)[-3000:]}
    versions = json.loads(done.stdout.splitlines()[-1])
    return {**line, "ok": True, "seconds": round(time.monotonic() - start), "versions": versions}


def build_wheel(folder: Path) -> Path:
    """The package as people get it."""
    command = [sys.executable, "-m", "pip", "wheel", "-qq", "--no-deps", "-w", str(folder), str(ROOT)]
    subprocess.run(command, check=True)
    return next(folder.glob("jlabel-*.whl"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Try all environments; 0 where all are well."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--torch", default=_pinned_torch(), help="the torch to use; '' for the bounds of the package")
    parser.add_argument("--only", choices=("lowest", "newest"), help="these dependencies alone")
    parser.add_argument("--python", action="append", choices=PYTHONS, help="this Python alone; may be repeated")
    given = parser.parse_args(arguments)
    pythons = list(interpreters(given.python or PYTHONS))
    good = bool(pythons)
    with tempfile.TemporaryDirectory(prefix="jlabel-versions-") as name:
        wheel = build_wheel(Path(name))
        for environment in environments(pythons):
            if given.only not in (None, environment.which):
                continue
            work = Path(name) / f"{environment.which}-{environment.version}"
            line = tried(environment, wheel, work, given.torch)
            shutil.rmtree(work, ignore_errors=True)
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()
            good &= line["ok"]
    return 0 if good else 1


def _pinned_torch() -> str:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return next((line for line in lines if line.startswith("torch==")), "")


if __name__ == "__main__":
    sys.exit(main())
