"""Whoever writes an app gets the types of jlabel from its installed package, and mistakes are found."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

APP = """
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jlabel


class Mine(jlabel.InferTask):
    def pre_transforms(self, data: dict[str, Any]) -> Sequence[Callable[[Any], Any]]:
        return []

    def inferer(self, data: dict[str, Any]) -> Callable[..., Any]:
        return lambda image, network: image

    def post_transforms(self, data: dict[str, Any]) -> Sequence[Callable[[Any], Any]]:
        return []


class Last(jlabel.Strategy):
    def __call__(self, request: Mapping[str, Any], datastore: jlabel.Datastore) -> str | None:
        return max(datastore.get_unlabeled_images(), default=None)


class App(jlabel.LabelApp):
    def init_infers(self) -> dict[str, jlabel.InferTask]:
        return {**super().init_infers(), "mine": Mine(labels=["liver"])}

    def init_strategies(self) -> dict[str, jlabel.Strategy]:
        return {**super().init_strategies(), "last": Last("The last image")}


def begin(studies: str) -> jlabel.AppManager:
    return jlabel.AppManager(App(studies, labels={"liver": 1}), device="cpu")
"""

RIGHT = """
from collections.abc import Sequence
from pathlib import Path

import jlabel
from app import begin

manager = begin("scans")
image_id: str | None = manager.next_image("last")
if image_id is not None:
    result: jlabel.InferResult = manager.infer(
        "mine", image_id, prompts=[jlabel.Click((1, 2, 3)), jlabel.Box((0, 0, 0), (4, 4, 4))], label="liver"
    )
    manager.save_label(image_id, result.mask)
    image: jlabel.Image = jlabel.read_image(Path(manager.datastore.get_image_uri(image_id)))
labeler: jlabel.Labeler = manager.labeler(image_id, height=400)
labeler.label, labeler.model = "liver", "mine"
added: jlabel.Label = labeler.add_label("tumour", color="#ff0000")
changed: int = labeler.edit("smooth", label=added.name, radius=2.0)
prompts: Sequence[jlabel.Prompt] = labeler.prompts
voxels: int = int(labeler.mask.sum())
saved: str = labeler.save()
following: str | None = labeler.next()
job: jlabel.Job = manager.train("mine", max_epochs=3)
progress: float = job.progress
"""

WRONG = """
import jlabel
from app import App, begin


class Short(jlabel.InferTask):
    pass


Short()
App(3, labels=["liver"])
manager = begin("scans")
manager.infer("mine", 4)
manager.next_image("last").upper()
labeler = manager.labeler()
labeler.label = 7
labeler.edit(operation=3)
saved: int = labeler.save()
"""
# What jlabel itself says is looked at. The sources of the libraries below it, torch's for one, take a minute.
SETTINGS = """
[mypy]
strict = true
follow_imports = skip

[mypy-app,right,wrong,jlabel.*,anywidget.*,ipywidgets.*,traitlets.*]
follow_imports = normal
"""
MISTAKES = ("Short()", "App(3", 'infer("mine", 4)', ".upper()", "label = 7", "operation=3", "saved: int")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What mypy says of a folder outside the repository."""
    folder = tmp_path_factory.mktemp("user")
    for name, text in (("app.py", APP), ("right.py", RIGHT), ("wrong.py", WRONG), ("mypy.ini", SETTINGS)):
        (folder / name).write_text(text)
    command = [sys.executable, "-m", "mypy", "."]
    environment = {name: value for name, value in os.environ.items() if name != "MYPYPATH"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


@pytest.mark.parametrize("name", ["app", "right"])
def test_what_is_right_passes_in_strict_mode(found: str, name: str) -> None:
    assert [line for line in found.splitlines() if line.startswith(f"{name}.py")] == []
    assert "(checked 3 source files)" in found


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_found(found: str, mistake: str) -> None:
    (line,) = [number for number, text in enumerate(WRONG.splitlines(), start=1) if mistake in text]
    assert re.search(rf"^wrong\.py:{line}: error:", found, re.MULTILINE), found


def test_the_types_come_from_the_package(found: str) -> None:
    assert "py.typed" not in found
    assert (Path(__file__).resolve().parents[1] / "jlabel" / "py.typed").read_text() == ""
