"""A real JupyterLab of the tests' own: nothing of the person's configuration, a known token, no news."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
START_S = 120
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "docmanager-extension/plugin": {"autosave": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
}


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab.

    Attributes:
        url: Its address, without a slash at the end.
        token: What lets a browser in.
        root: The folder that it serves, where the notebooks of the tests lie.
        runtime: Where the connection files of its kernels lie.
        log: What it printed.
    """

    url: str
    token: str
    root: Path
    runtime: Path
    log: Path
    settings: Path = field(repr=False)

    def request(self, method: str, path: str, body: object = None) -> bytes:
        """Call the server's REST interface, with a body in JSON if there is one, and return the body of the answer."""
        headers = {"Authorization": f"token {self.token}"}
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(f"{self.url}{path}", data=data, headers=headers, method=method)
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return bytes(answer.read())

    def end_kernels(self) -> None:
        """Shut down every kernel, so that a test leaves nothing running."""
        for session in json.loads(self.request("GET", "/api/sessions")):
            self.request("DELETE", f"/api/sessions/{session['id']}")


@contextmanager
def running_lab(home: Path, kernel_specs: Callable[[Path], None] | None = None) -> Iterator[Lab]:
    """Start JupyterLab with all of its folders under ``home``, and end it with its kernels.

    Args:
        home: A folder.
        kernel_specs: Writes specifications of kernels, which take the place of the usual ones, into a folder.
    """
    for name in ("config", "data", "runtime", "settings", "workspaces", "ipython", "root", "path"):
        (home / name).mkdir(parents=True)
    if kernel_specs is not None:
        kernel_specs(home / "path")
    _write_settings(home / "settings")
    port, token = free_port(), secrets.token_hex(16)
    lab = Lab(f"http://127.0.0.1:{port}", token, home / "root", home / "runtime", home / "lab.log", home / "settings")
    with lab.log.open("wb") as log:
        server = subprocess.Popen(
            _command(port, lab), env=_environment(home), cwd=lab.root, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            _wait_until_it_answers(server, lab)
            yield lab
            lab.end_kernels()
        finally:
            _end(server)


def _command(port: int, lab: Lab) -> list[str]:
    options = ["--no-browser", "--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0", "--allow-root"]
    options += [f"--ServerApp.root_dir={lab.root}", f"--IdentityProvider.token={lab.token}"]
    options += ["--LabApp.expose_app_in_browser=True", "--LabApp.news_url=None"]
    options += ["--JupyterNotebookApp.expose_app_in_browser=True"]
    return [sys.executable, "-m", "jupyter", "lab", *options]


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "JPY_"))}
    return {
        **kept,
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "JUPYTER_PATH": str(home / "path"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JLABEL_USER": "mia",  # else every labeler would ask who works there, where the account is one of a machine
        "PYTHONPATH": os.pathsep.join(filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH")])),
    }


def _write_settings(folder: Path) -> None:
    for name, values in SETTINGS.items():
        path = folder / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(server: subprocess.Popen[bytes], lab: Lab) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            lab.request("GET", "/api/status")
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"JupyterLab did not start; it said:\n{lab.log.read_text(errors='replace')[-4000:]}")


def _end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
