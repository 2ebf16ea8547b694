"""Modules of a folder: their names, and what ``import`` means in them."""

from __future__ import annotations

import importlib
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from jlabel.apps.folder_modules.finder import forget, install
from jlabel.apps.folder_modules.naming import folder_of, name_within, package_name


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "my-app (1)"
    (folder / "lib" / "deep").mkdir(parents=True)
    (folder / "lib" / "__init__.py").touch()
    (folder / "lib" / "deep" / "part.py").write_text("class Part:\n    pass\n")
    (folder / "json.py").write_text("raise AssertionError('Python has one')\n")
    (folder / "main.py").write_text(
        "import json\nimport lib.deep.part as part\nfrom lib.deep.part import Part\nimport lib\n"
        "def late():\n    import other\n    return other.VALUE\n"
    )
    (folder / "other.py").write_text("from lib import deep\nVALUE = deep.__name__\n")
    install()
    return folder


def test_a_module_has_a_name_that_says_where_it_lies(folder: Path) -> None:
    name = f"{package_name(folder)}.lib.deep"
    assert name.isascii()
    assert all(part.isidentifier() for part in name.split("."))
    assert (folder_of(name), name_within(name)) == (folder, "lib.deep")
    assert (folder_of("lib.deep"), name_within("lib.deep")) == (None, "lib.deep")


def test_import_means_the_folder_and_pythons_own_modules_stay(folder: Path) -> None:
    main = importlib.import_module(f"{package_name(folder)}.main")
    assert main.part.Part is main.Part is main.lib.deep.part.Part
    assert main.json.dumps([1]) == "[1]"
    assert main.late() == f"{package_name(folder)}.lib.deep"
    assert "lib" not in sys.modules
    forget(folder)
    assert importlib.import_module(f"{package_name(folder)}.main").Part is not main.Part


def test_another_process_unpickles_its_classes(folder: Path, tmp_path: Path) -> None:
    part = importlib.import_module(f"{package_name(folder)}.main").Part()
    (tmp_path / "part.pkl").write_bytes(pickle.dumps(part))
    program = f"import pickle; print(type(pickle.loads(open({str(tmp_path / 'part.pkl')!r}, 'rb').read())).__name__)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == "Part\n"
