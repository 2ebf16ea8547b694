"""The docstrings of exported names: each has an example, the examples run, and first lines are plain sentences."""

from __future__ import annotations

import ast
import builtins
import doctest
import importlib
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from pathlib import Path
from types import FunctionType
from typing import Any

import nibabel as nib
import numpy as np
import pytest

import jlabel
from tests.bundles.small_bundles import inference, metadata, training, unet, write_bundle

REPOSITORY = Path(__file__).resolve().parents[1]
SHAPE, CENTRE, RADIUS = (12, 10, 8), (6, 5, 4), 3.0
_PARSER = doctest.DocTestParser()


@dataclass(frozen=True)
class Documented:
    """A module, class, function or alias with its docstring."""

    module: str
    name: str
    text: str
    file: Path
    line: int

    @property
    def path(self) -> str:
        return f"{self.module}.{self.name}" if self.name else self.module

    @property
    def examples(self) -> list[doctest.Example]:
        return _PARSER.get_examples(self.text, self.path)


@cache
def _docstrings() -> dict[str, Documented]:
    """All docstrings of the package, also those of aliases (a text after an assignment), without importing it."""
    found: list[Documented] = []
    for file in sorted((REPOSITORY / "jlabel").rglob("*.py")):
        module = ".".join(file.relative_to(REPOSITORY).with_suffix("").parts).removesuffix(".__init__")
        found += _of(ast.parse(file.read_text(encoding="utf-8")), module, "", file)
    return {one.path: one for one in found}


def _of(node: Any, module: str, name: str, file: Path) -> Iterator[Documented]:
    text = ast.get_docstring(node)
    if text is not None:
        yield Documented(module, name, text, file, node.body[0].lineno)
    for statement, following in zip_longest(node.body, node.body[1:]):
        if isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _of(statement, module, f"{name}.{statement.name}".lstrip("."), file)
        elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            value = following.value if isinstance(following, ast.Expr) else None
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                text = "\n".join(line.removeprefix("    ") if name else line for line in value.value.splitlines())
                yield Documented(module, f"{name}.{statement.targets[0].id}".lstrip("."), text, file, following.lineno)


def _exported(name: str) -> Documented | None:
    value = getattr(jlabel, name)
    if isinstance(value, type | FunctionType):
        return _docstrings().get(f"{value.__module__}.{value.__qualname__}")
    return next((one for one in _docstrings().values() if one.name == name), None)


EXPORTED = {name: _exported(name) for name in jlabel.__all__}
_TEXTS = {one.path for one in EXPORTED.values() if one is not None}
OTHERS = [one.path for one in _docstrings().values() if ">>>" in one.text and one.path not in _TEXTS]


@pytest.fixture
def studies(tmp_path: Path, own_locks: Path) -> Path:
    """Three volumes of 2 x 2 x 3 mm: a bright ball (intensity about 120) at (6, 5, 4) on a dark background (20)."""
    folder = tmp_path / "studies"
    folder.mkdir()
    inside = np.linalg.norm(np.moveaxis(np.indices(SHAPE), 0, -1) - CENTRE, axis=-1) < RADIUS
    for number in range(3):
        noise = np.random.default_rng(number).normal(0, 3, SHAPE)
        voxels = (np.where(inside, 120, 20) + noise).astype(np.int16)
        nib.save(nib.Nifti1Image(voxels, np.diag([2.0, 2.0, 3.0, 1.0])), folder / f"case_{number}.nii.gz")
    return folder


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A MONAI bundle ``spleen`` with a small network, and a configuration of a training."""
    about = metadata({"0": "background", "1": "spleen"})
    folder = write_bundle(tmp_path / "spleen", inference(network_def=unet(classes=2)), about)
    (folder / "configs" / "train.json").write_text(json.dumps(training(network_def=unet(classes=2))))
    return folder


def _run(one: Documented, names: dict[str, Any]) -> None:
    """Run the examples of a docstring, and check that they leave no thread behind that the process would wait for."""
    test = _PARSER.get_doctest(one.text, names, one.path, str(one.file), one.line - 1)
    before, said = set(threading.enumerate()), list[str]()
    try:
        failed = doctest.DocTestRunner(verbose=False).run(test, out=said.append).failed
    finally:
        # The last value that an example showed: a labeler would live on in it.
        vars(builtins).pop("_", None)
    assert not failed, "".join(said)
    assert [thread for thread in threading.enumerate() if thread not in before and not thread.daemon] == []


def _names(studies: Path, bundle: Path) -> dict[str, Any]:
    # As in a notebook: what an example defines belongs to the main module.
    return {"__name__": "__main__", "jlabel": jlabel, "np": np, "studies": studies, "bundle": bundle}


@pytest.mark.parametrize("name", jlabel.__all__)
def test_the_examples_of_an_exported_name_run(name: str, studies: Path, bundle: Path) -> None:
    one = EXPORTED[name]
    assert one is not None, f"jlabel.{name} has no docstring"
    assert one.examples, f"the docstring of jlabel.{name} has no example (>>>)"
    assert any(f"jlabel.{name}" in example.source or f".{name}" in example.source for example in one.examples)
    _run(one, _names(studies, bundle))


@pytest.mark.parametrize("path", OTHERS)
def test_other_examples_run(path: str, studies: Path, bundle: Path) -> None:
    one = _docstrings()[path]
    _run(one, {**vars(importlib.import_module(one.module)), **_names(studies, bundle)})


@pytest.mark.parametrize("name", jlabel.__all__)
def test_the_first_line_of_an_exported_name_is_a_plain_sentence(name: str) -> None:
    one = EXPORTED[name]
    assert one is not None
    first, _, rest = one.text.partition("\n")
    assert re.fullmatch(r"[A-Z][^`*_<>]*\.", first), first
    assert not rest.strip() or rest.startswith("\n"), f"the first sentence of {name} does not end on its line"


def test_shapes_are_written_in_one_notation() -> None:
    """The axes of space are i, j and k, or three dots; what they count in a file is told in words."""
    names = "spatial|depth|height|width|rows?|columns?|slices|pages"
    other = re.compile(rf"\((?:[\w ]+, )*(?:{names}|[DHWxyz])(?:, \w+)*(?:, …)?\)|\([\w ]+, …\)")
    allowed = {"(x, y, z)", "(x, y, z, 1)"}  # millimetres
    shapes = {one.path: set(other.findall(_without_examples(one.text))) - allowed for one in _docstrings().values()}
    assert {path: found for path, found in shapes.items() if found} == {}


def _without_examples(text: str) -> str:
    return text.partition("Examples:")[0]
