"""The command as a person types it, in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jlabel.cli.main import main
from tests.apps.app_file.conftest import studies as studies
from tests.apps.app_file.conftest import write as write
from tests.bundles.zoo.conftest import zoo as zoo

Jlabel = Callable[..., tuple[int, str, str]]


@pytest.fixture
def jlabel(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Jlabel:
    """Run the command: exit code, standard output, standard error. Its data folder is the test's own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))

    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(one) for one in arguments])
        said = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, said.out, said.err

    return run
