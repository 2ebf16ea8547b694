"""A second client on a notebook's kernel, on the shell channel alone.

A subscription to the kernel's publications would get a copy of every binary message and can lose the reply.
"""

from __future__ import annotations

import ast
import json
import time
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.session import Session

_AS_JSON = "__import__('json').dumps({}, default=lambda value: value.tolist())"


class Kernel:
    """Asks a running kernel for the state of its objects; close it when done."""

    def __init__(self, connection_file: Path) -> None:
        connection = json.loads(connection_file.read_text())
        self._session = Session(key=connection["key"].encode(), signature_scheme=connection["signature_scheme"])
        self._socket = zmq.Context.instance().socket(zmq.DEALER)
        self._socket.linger = 0
        self._socket.connect(f"{connection['transport']}://{connection['ip']}:{connection['shell_port']}")

    def eval(self, expression: str, *, timeout: float = 30.0) -> Any:
        """Return the value of a Python expression in the kernel, by way of JSON (arrays come as lists).

        Args:
            expression: What to evaluate in the notebook's namespace.
            timeout: Seconds to wait; a cell that is running makes this one wait.

        Raises:
            AssertionError: The expression raised; the message is the kernel's.
            TimeoutError: No answer in time.
        """
        answer = self._execute("", {"value": _AS_JSON.format(f"({expression})")}, timeout)["user_expressions"]["value"]
        if answer["status"] != "ok":
            raise AssertionError(f"{expression} raised {answer['ename']}: {answer['evalue']}")
        return json.loads(ast.literal_eval(answer["data"]["text/plain"]))

    def run(self, code: str, *, timeout: float = 30.0) -> None:
        """Run statements in the kernel, outside any cell; raises as :meth:`eval` does."""
        answer = self._execute(code, {}, timeout)
        if answer["status"] != "ok":
            raise AssertionError(f"{code!r} raised {answer.get('ename')}: {answer.get('evalue')}")

    def wait_for(self, expression: str, expected: Any = True, *, timeout: float = 40.0) -> None:
        """Ask until the expression has the expected value; the assertion error tells the last one."""
        deadline = time.monotonic() + timeout
        while (value := self.eval(expression)) != expected:
            if time.monotonic() > deadline:
                raise AssertionError(f"{expression} is {value!r} after {timeout} s, not {expected!r}")
            time.sleep(0.02)

    def close(self) -> None:
        """Let go of the connection; the kernel runs on."""
        self._socket.close()

    def _execute(self, code: str, expressions: dict[str, str], timeout: float) -> dict[str, Any]:
        content = {"code": code, "silent": True, "store_history": False, "allow_stdin": False, "stop_on_error": False}
        asked = self._session.send(self._socket, "execute_request", {**content, "user_expressions": expressions})
        deadline = time.monotonic() + timeout
        while self._socket.poll(max(0, int(1000 * (deadline - time.monotonic())))):
            _, answer = self._session.recv(self._socket, mode=0)
            if answer["parent_header"].get("msg_id") == asked["msg_id"]:
                return dict(answer["content"])
        raise TimeoutError(f"the kernel did not answer within {timeout} s: is a cell running?")
