"""A JupyterLab of one's own on a notebook: started, its address told, opened in the browser, ended with Ctrl-C."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from jlabel.errors import JlabelError

FIRST_PORT = 8888
START_S = 120
NO_BROWSER = "none"


def serve(
    home: Path, notebook: Path, port: int | None = None, browser: str = "", variables: Mapping[str, str] | None = None
) -> int:
    """Start the server, say its address, open a browser on it, and stay until it ends; in the process's main thread.

    Args:
        home: The folder that it shows; its own settings lie in ``lab`` there.
        notebook: The notebook to open, in that folder.
        port: The port; the first free one from 8888 if not given.
        browser: ``"none"`` to open none.
        variables: Of the environment, for the notebook.

    Returns:
        The exit code.

    Raises:
        JlabelError: The port is in use, or the server does not start.
    """
    port = free_port(port)
    token = secrets.token_hex(16)
    environment = {**os.environ, **settings(home), **(variables or {})}
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    server = subprocess.Popen(_command(home, port, token), env=environment, cwd=home, stdin=subprocess.DEVNULL)
    try:
        _wait_until_it_answers(server, port, token)
        place = quote(notebook.resolve().relative_to(home.resolve()).as_posix())
        address = f"http://127.0.0.1:{port}/lab/tree/{place}?token={token}"
        sys.stdout.write(f"\nJupyterLab is at\n\n    {address}\n\nCtrl-C ends it.\n")
        sys.stdout.flush()
        if browser != NO_BROWSER:
            webbrowser.open(address)
        return server.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        server.terminate()
        server.wait()
        signal.signal(signal.SIGTERM, before)


def free_port(wanted: int | None) -> int:
    """The port asked for, or the first free one.

    Raises:
        JlabelError: It is in use.
    """
    for port in range(FIRST_PORT, FIRST_PORT + 100) if wanted is None else [wanted]:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise JlabelError(f"port {wanted or FIRST_PORT} is in use: choose another")


def settings(home: Path) -> dict[str, str]:
    """Variables that keep the settings of this JupyterLab to itself; it asks for no news and looks for no updates."""
    lab = home.resolve() / "lab"
    notification = lab / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    if not notification.exists():
        notification.parent.mkdir(parents=True, exist_ok=True)
        notification.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}) + "\n")
    return {
        "JUPYTERLAB_SETTINGS_DIR": str(lab / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(lab / "workspaces"),
        "JUPYTER_PREFER_ENV_PATH": "1",
    }


def _command(home: Path, port: int, token: str) -> list[str]:
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--ip=127.0.0.1"]
    command += [
        "--log-level=WARN",
        "--LabApp.log_level=WARN",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={home.resolve()}",
    ]
    command += [f"--IdentityProvider.token={token}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    return command


def _wait_until_it_answers(server: subprocess.Popen[bytes], port: int, token: str) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise JlabelError(f"JupyterLab ended at once (exit code {server.returncode}); what it said is above")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/status?token={token}", timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise JlabelError(f"JupyterLab did not answer on port {port} within {START_S} s")
