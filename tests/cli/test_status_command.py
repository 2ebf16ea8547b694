"""``jlabel status``: how far the images are labelled, at once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.cli.conftest import Jlabel
from tests.cli.studies import make_studies

HEAVY = ("torch", "monai", "numpy", "sqlalchemy", "nibabel", "jlabel._public")


def test_it_tells_how_far_the_images_are_labelled(jlabel: Jlabel, tmp_path: Path) -> None:
    studies = make_studies(tmp_path / "studies")
    code, out, err = jlabel("status", studies)
    assert (code, err) == (0, "")
    assert "labelled    2 of 4 images (50%)" in out
    assert "labels      final 2" in out
    assert "jobs        none" in out


def test_json_for_programs(jlabel: Jlabel, tmp_path: Path) -> None:
    studies = make_studies(tmp_path / "studies")
    read = json.loads(jlabel("status", studies, "--json")[1])
    assert (read["total"], read["labelled"], read["label_tags"]) == (4, 2, {"final": 2})
    assert (read["folder"], read["jobs"], read["models"]) == (str(studies), {}, [])


def test_what_has_come_since_is_found_by_refresh(jlabel: Jlabel, tmp_path: Path) -> None:
    studies = make_studies(tmp_path / "studies")
    jlabel("status", studies)
    make_studies(studies / "more", 1, 0)
    out = jlabel("status", studies)[1]
    assert "of 4 images" in out
    assert "--refresh looks again" in out
    assert "of 5 images" in jlabel("status", studies, "--refresh")[1]
    assert "of 5 images" in jlabel("status", studies)[1]


def test_a_folder_that_is_not_there(jlabel: Jlabel, tmp_path: Path) -> None:
    assert jlabel("status", tmp_path / "nowhere") == (
        1,
        "",
        f"jlabel: {tmp_path / 'nowhere'}: there is no such folder of studies\n",
    )


def test_a_folder_that_was_looked_through_is_told_without_waiting(tmp_path: Path) -> None:
    studies = make_studies(tmp_path / "studies")
    program = f"""
import atexit, sys
from jlabel.cli import main
atexit.register(lambda: print([name for name in {HEAVY!r} if name in sys.modules]))
main(["status", {str(studies)!r}])
"""
    said = [
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.splitlines()
        for _ in range(2)
    ]
    assert "torch" not in said[0][-1]  # the first looks through the folder
    assert said[1][-1] == "[]"
    assert said[0][:-1] == said[1][:-1]
