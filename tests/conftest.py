"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_DEFAULT_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real test data; without it a test is skipped, and on CI it fails."""
    folder = Path(os.environ.get("JLABEL_TEST_DATA", _DEFAULT_DATA))
    if not folder.is_dir():
        message = f"no test data at {folder}; set JLABEL_TEST_DATA to the folder that holds it"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return folder
