"""Open JupyterLab on the quickstart notebook, with the example studies or with the person's own (see ``make help``).

Everything it writes lies in .demo/: the example studies, JupyterLab's settings, and a working copy of the notebook, so
that the checkout stays as it is. The copy is replaced by a newer notebook only while its cells are those it came with.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = Path("notebooks/quickstart.ipynb")
FIRST_PORT = 8888
START_S = 120


def main(arguments: Sequence[str]) -> int:
    """Start the server, say its address, open a browser on it, and stay until it ends."""
    options = _options(arguments)
    home: Path = options.home
    home.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, **_settings(home), "JLABEL_STUDIES": str(_studies(options.studies, home))}
    if options.labels:
        environment["JLABEL_LABELS"] = options.labels
    working_copy(ROOT / NOTEBOOK, home / NOTEBOOK)
    port = _port(options.port)
    token = secrets.token_hex(16)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    server = subprocess.Popen(_command(home, port, token), env=environment, cwd=home, stdin=subprocess.DEVNULL)
    try:
        _wait_until_it_answers(server, port, token)
        address = f"http://127.0.0.1:{port}/lab/tree/{NOTEBOOK.as_posix()}?token={token}"
        print(f"\nJupyterLab is at\n\n    {address}\n\nCtrl-C ends it.", flush=True)
        if options.browser != "none":
            webbrowser.open(address)
        return server.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        server.terminate()
        server.wait()


def working_copy(shipped: Path, copy: Path) -> None:
    """Copy the notebook to where the person works on it, unless they have changed the cells of an earlier copy."""
    origin = copy.with_name(f".{copy.name}.origin")
    if copy.exists() and not (origin.exists() and _cells(copy) == _cells(origin)):
        if origin.exists() and _cells(origin) != _cells(shipped):
            print(f"{copy} has your changes and is kept; delete it to get the newer notebook", flush=True)
        return
    if copy.exists() and _cells(origin) == _cells(shipped):
        return
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(shipped, copy)
    shutil.copyfile(shipped, origin)


def _cells(notebook: Path) -> list[tuple[str, str]] | None:
    """Return kind and source of each cell (outputs are no change of the person's), or None where it is no notebook."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        return [(cell["cell_type"], "".join(cell["source"])) for cell in cells]
    except (ValueError, KeyError, TypeError):
        return None


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", default="", help="a folder of images (default: the example studies)")
    parser.add_argument("--labels", default="", help="names of the labels, separated by commas")
    parser.add_argument("--browser", default="", help="none: only print the address")
    parser.add_argument("--port", default="", help=f"the port (default: the first free one from {FIRST_PORT})")
    parser.add_argument("--home", type=Path, default=ROOT / ".demo", help="where the demo keeps its files")
    return parser.parse_args(arguments)


def _studies(named: str, home: Path) -> Path:
    if named:
        folder = Path(named).expanduser().resolve()
        if not folder.is_dir():
            sys.exit(f"STUDIES={named}: there is no folder {folder}")
        return folder
    from jlabel.demo import example_studies

    folder = home / "studies"
    if not folder.exists():
        print("making the example studies ...", flush=True)
    return example_studies(folder)


def _settings(home: Path) -> dict[str, str]:
    """Keep the demo's JupyterLab settings to itself, and let it neither ask about news nor look for updates."""
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


def _port(wanted: str) -> int:
    """Return the port asked for, or the first free one."""
    candidates = [int(wanted)] if wanted else range(FIRST_PORT, FIRST_PORT + 100)
    for port in candidates:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    sys.exit(f"port {wanted or FIRST_PORT} is in use: choose another, make demo PORT=...")


def _wait_until_it_answers(server: subprocess.Popen[bytes], port: int, token: str) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            sys.exit(f"JupyterLab ended at once (exit code {server.returncode}); what it said is above")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/status?token={token}", timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    sys.exit(f"JupyterLab did not answer on port {port} within {START_S} s")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
