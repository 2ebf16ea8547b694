"""The JupyterLab that a command starts. That it answers is tested with ``make demo``, which starts the same."""

from __future__ import annotations

import json
import signal
import socket
import sys
from pathlib import Path

import pytest

from jlabel.cli import lab
from jlabel.errors import JlabelError


def test_a_port_in_use_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(JlabelError, match=f"port {port} is in use"):
            lab.free_port(port)


def test_its_settings_are_its_own_and_it_asks_for_no_news(tmp_path: Path) -> None:
    variables = lab.settings(tmp_path)
    folder = Path(variables["JUPYTERLAB_SETTINGS_DIR"])
    assert tmp_path in folder.parents
    (file,) = folder.rglob("*.jupyterlab-settings")
    assert json.loads(file.read_text()) == {"fetchNews": "false", "checkForUpdates": False}


def test_a_server_that_ends_at_once_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(lab, "_command", lambda *_: [sys.executable, "-c", "raise SystemExit(3)"])
    with pytest.raises(JlabelError, match=r"ended at once \(exit code 3\)"):
        lab.serve(tmp_path, tmp_path / "a.ipynb")
    assert signal.getsignal(signal.SIGTERM) is before
