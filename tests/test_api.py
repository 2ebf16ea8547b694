"""What a notebook imports."""

from __future__ import annotations

import subprocess
import sys

import jlabel


def test_every_public_name_is_there_and_documented() -> None:
    for name in jlabel.__all__:
        value = getattr(jlabel, name)
        assert callable(value) or name == "Prompt"
        assert name == "Prompt" or value.__doc__


def test_importing_jlabel_waits_for_no_network_library() -> None:
    program = "import sys, jlabel; jlabel.RadiologyApp; sys.exit('torch' in sys.modules or 'monai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_names_are_found_completed_and_imported_with_a_star() -> None:
    program = """
import jlabel
assert {"AppManager", "registry", "__version__"} <= set(dir(jlabel)) and jlabel.imaging.read_image is jlabel.read_image
assert dir(jlabel) == dir(jlabel)
from jlabel import *
assert RadiologyApp is jlabel.RadiologyApp
try:
    jlabel.Radiology
except AttributeError as error:
    assert "has no attribute 'Radiology'" in str(error)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_processes_of_a_job_hold_only_what_they_need() -> None:
    modules = "jlabel.jobs.worker, jlabel.jobs.child"
    program = f"import sys, {modules}; sys.exit(bool({{'numpy', 'sqlalchemy', 'anywidget'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
