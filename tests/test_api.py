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
    program = "import sys, jlabel; sys.exit('torch' in sys.modules or 'monai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
