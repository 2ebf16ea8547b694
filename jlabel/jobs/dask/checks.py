"""Whether the workers of a cluster can carry jobs out: their versions, their GPUs, and whether they see the folder."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping
from typing import Any

from jlabel.errors import JobError
from jlabel.jobs.dask.connection import Connection, within
from jlabel.jobs.dask.order import Order
from jlabel.jobs.work import check_own

# Another one of these, and what is pickled here may mean something else there, or nothing.
_BREAKING = ("python", "jlabel")
_NAMED = 5


def own_versions() -> dict[str, str]:
    """Versions of what matters to work that is handed from one machine to another, in this process.

    It is sent to workers by its code, and so refers to nothing outside of itself.
    """
    import importlib
    import importlib.metadata
    import sys

    found = {"python": f"{sys.version_info[0]}.{sys.version_info[1]}"}
    for name in ("torch", "cloudpickle"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "missing"
    try:
        found["jlabel"] = str(importlib.import_module("jlabel").__version__)
    except ImportError:
        found["jlabel"] = "missing"
    return found


def breaking_versions() -> dict[str, str]:
    """Those of :func:`own_versions` that have to be the same everywhere."""
    versions = own_versions()
    return {name: versions[name] for name in _BREAKING}


class WorkerChecks:
    """What is known of the workers of a cluster; each worker is asked once.

    Args:
        connection: To the cluster.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._versions: set[str] = set()
        self._folders: set[tuple[str, str]] = set()
        #: Differences that break nothing, as they are told to the person.
        self.notes: list[str] = []

    def workers(self) -> dict[str, dict[str, Any]]:
        """The workers that there are, by address, as the scheduler knows them.

        Raises:
            JobError: The scheduler does not answer.
        """
        client, timeout = self._connection.client(), self._connection.timeout
        what = f"the Dask scheduler {self._connection.address} does not say which workers it has"
        info = within(timeout, what, client.scheduler_info)
        return dict(info["workers"])

    def check_versions(self, workers: Mapping[str, Mapping[str, Any]]) -> None:
        """Compare versions on workers that were not seen before with those here.

        Raises:
            JobError: Another Python or another jlabel; both are named.
        """
        new = [address for address, worker in workers.items() if _identity(address, worker) not in self._versions]
        if not new:
            return
        client, timeout = self._connection.client(), self._connection.timeout
        # By Dask's own question first: to another Python no function can be sent.
        asked = within(timeout, "the workers do not say which Python they have", client.get_versions)
        found: dict[str, dict[str, str]] = {}
        for address in new:
            python = str((asked["workers"].get(address) or {}).get("host", {}).get("python", ""))
            found[address] = {"python": ".".join(python.split(".")[:2])}
        here = {**_by_code()(), "python": f"{sys.version_info[0]}.{sys.version_info[1]}"}
        self._compare(here, found, workers)
        what = "the workers do not say which versions they have"
        more = within(timeout, what, lambda: client.run(_by_code(), workers=new, on_error="return"))
        for address in new:
            if not isinstance(more.get(address), dict):
                raise JobError(f"worker {address} does not say which versions it has: {more.get(address)!r:.200}")
            found[address] |= {key: value for key, value in more[address].items() if key != "python"}
        self._compare(here, found, workers)
        self._versions |= {_identity(address, workers[address]) for address in new}

    def _compare(
        self, here: Mapping[str, str], found: Mapping[str, Mapping[str, str]], workers: Mapping[str, Any]
    ) -> None:
        for name in (*_BREAKING, *sorted(set(here) - set(_BREAKING))):
            other = {address: one[name] for address, one in found.items() if name in one and one[name] != here[name]}
            if not other:
                continue
            listed = ", ".join(f"{version} on {_named(address, workers)}" for address, version in _first(other))
            if name in _BREAKING:
                raise JobError(
                    f"{name} is {here[name]} here and {listed}: work that is handed over may not run there. "
                    "Install the same versions on the workers, and start them again"
                )
            note = f"{name} is {here[name]} here and {listed}: results may differ a little"
            if note not in self.notes:
                self.notes.append(note)

    def check_folder(self, order: Order, workers: Mapping[str, Mapping[str, Any]], one_machine: bool) -> None:
        """Have workers that were not asked before look for the job's folder, and for the key that it is signed with.

        Args:
            order: The job.
            workers: The workers.
            one_machine: Whether its data may be open on one machine only.

        Raises:
            JobError: One of them does not see it, or may not.
        """
        above = os.path.dirname(order.folder)  # noqa: PTH120 - a path of another machine
        new = {a: _identity(a, w) for a, w in workers.items() if (above, _identity(a, w)) not in self._folders}
        if not new:
            return
        client, timeout = self._connection.client(), self._connection.timeout
        host = socket.gethostname() if one_machine else ""
        answers = within(
            timeout,
            "the workers do not say whether they see the studies",
            lambda: client.run(what_is_wrong, order.to_json(), host, workers=list(new), on_error="return"),
        )
        for address in new:
            answer = answers.get(address)
            if answer != "":
                raise JobError(f"worker {_named(address, workers)}: {answer}")
        self._folders |= {(above, identity) for identity in new.values()}


def what_is_wrong(order: str, only_host: str = "") -> str:
    """Why this worker cannot carry a job out; ``""`` where it can.

    Args:
        order: The job, see :class:`jlabel.jobs.dask.order.Order`.
        only_host: The one machine on which its data may be open; ``""`` for any.
    """
    given = Order.from_json(order)
    folder = given.job_folder
    # A worker may have come since the kernel compared versions.
    for name, version in breaking_versions().items():
        if given.versions.get(name, version) != version:
            return f"it has {name} {version}, and the kernel {given.versions[name]}: install the same versions"
    if not folder.request.exists():
        return (
            f"{folder.path} is not there. Workers need the studies folder at the same path, or "
            'DaskRunner(..., paths={"/folder/here": "/folder/there"}) says where they have it'
        )
    if only_host and socket.gethostname() != only_host:
        return (
            f"it runs on {socket.gethostname()} and this process on {only_host}, and the catalogue of these studies "
            "may be open on one machine only: use workers of this machine, or a catalogue on a database server"
        )
    try:
        check_own(folder)
    except JobError:
        return (
            f"{folder.path} is there, and its signature is none that this worker knows: it needs the same key as the "
            "kernel, in ~/.local/share/jlabel/job.key or where JLABEL_KEY_FILE says"
        )
    return ""


def gpu_device(device: str, workers: Mapping[str, Mapping[str, Any]], resource: str, expected: int) -> tuple[str, int]:
    """Where a job runs on a worker, and how many GPUs Dask sets aside for it.

    Args:
        device: As it was asked for; the number of a GPU is left to the worker.
        workers: The workers.
        resource: What workers call a GPU.
        expected: How many GPUs a worker has that is still to come.

    Raises:
        JobError: No worker offers so many.
    """
    names = device.split(",")
    if names[0] == "cpu":
        return device, 0
    offered = {address: float(worker.get("resources", {}).get(resource, 0)) for address, worker in workers.items()}
    most = int(max([expected, *offered.values()]))
    if names == ["auto"]:
        return ("cuda:0", 1) if most else ("cpu", 0)
    count = max(1, most) if names == ["cuda"] else len(names)
    if workers and count > most:
        listed = ", ".join(f"{_named(address, workers)} offers {amount:g}" for address, amount in _first(offered))
        raise JobError(
            f"device {device!r} was asked for, and no worker offers {count} of the resource {resource!r} ({listed}); "
            f"start a worker with --resources {resource}={count}, or use device='auto'"
        )
    return ",".join(f"cuda:{index}" for index in range(count)), count


def _by_code() -> Any:
    """The function of versions as it is sent by its code: workers that have no jlabel can answer too."""
    from types import FunctionType

    function = FunctionType(own_versions.__code__, {"__builtins__": __builtins__}, "own_versions")
    function.__module__ = "__main__"
    return function


def _identity(address: str, worker: Mapping[str, Any]) -> str:
    return f"{worker.get('id')} {worker.get('name')} {address}"


def _named(address: str, workers: Mapping[str, Mapping[str, Any]]) -> str:
    return f"{address} ({workers[address].get('host', '?')})" if address in workers else address


def _first(found: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return list(found.items())[:_NAMED]
