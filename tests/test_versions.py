"""What ``make test-versions`` tries; the environments themselves take minutes, so it is not run here."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from scripts import check_versions
from scripts.check_versions import Environment, environments, interpreters, lower_bounds

PROJECT = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())["project"]


def test_the_oldest_of_each_dependency_is_what_the_package_allows() -> None:
    project = {"dependencies": ["numpy>=1.26", "monai[ignite]>=1.4,<3", "torch>=2.5", "anything"]}
    assert lower_bounds(project) == ["numpy==1.26", "monai==1.4", "torch==2.5"]
    assert lower_bounds(project, leave_out=["torch"]) == ["numpy==1.26", "monai==1.4"]


def test_every_dependency_has_a_lower_bound() -> None:
    assert len(lower_bounds(PROJECT)) == len(PROJECT["dependencies"])


def test_every_python_that_the_package_names_is_tried() -> None:
    named = [one.rpartition(" ")[2] for one in PROJECT["classifiers"] if "Python :: 3." in one]
    assert list(check_versions.PYTHONS) == named
    assert PROJECT["requires-python"] == f">={check_versions.PYTHONS[0]}"


def test_the_present_python_is_found_and_another_one_is_said_to_be_left_out(capsys) -> None:
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    found = dict(interpreters([here, "3.99"]))
    assert found.keys() == {here}
    assert capsys.readouterr().err == "Python 3.99 is not on this machine: left out\n"


def test_the_oldest_are_tried_on_the_oldest_python_and_the_newest_on_all() -> None:
    pythons = [("3.11", Path("a")), ("3.12", Path("b"))]
    assert environments(pythons) == [
        Environment(Path("a"), "3.11", "lowest"),
        Environment(Path("a"), "3.11", "newest"),
        Environment(Path("b"), "3.12", "newest"),
    ]
