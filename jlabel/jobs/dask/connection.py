"""The way to a Dask cluster: a client made when it is first needed, and what its scheduler knows of tasks."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from jlabel.errors import JobError

_T = TypeVar("_T")

#: States of a task that somebody works on, or will.
LIVE = frozenset({"released", "waiting", "no-worker", "queued", "processing"})

_EVERY = 1.0  # seconds between two questions to the scheduler
_FRESH = 10.0  # seconds that an answer of it counts


def need_distributed() -> None:
    """Check that Dask is installed.

    Raises:
        JobError: It is not; says how to install it.
    """
    try:
        import distributed  # noqa: F401 - is it there?
    except ImportError as error:
        raise JobError('jobs on a cluster need Dask: pip install "jlabel[dask]"') from error


def within(seconds: float, what: str, call: Callable[[], _T]) -> _T:
    """The answer of a call that may hang.

    Raises:
        JobError: It takes longer, or fails.
    """
    found: list[_T] = []
    failed: list[BaseException] = []

    def work() -> None:
        try:
            found.append(call())
        except BaseException as error:  # noqa: BLE001 - told to whoever waits
            failed.append(error)

    thread = threading.Thread(target=work, name="jlabel-cluster", daemon=True)
    thread.start()
    thread.join(seconds)
    if found:
        return found[0]
    if failed:
        error = failed[0]
        raise JobError(f"{what}: {type(error).__name__}: {error}") from error
    raise JobError(f"{what}: no answer within {seconds:.0f} s")


class Connection:
    """A cluster, connected to when it is first needed and again once the connection is lost.

    Args:
        cluster: A scheduler's address, an object with ``scheduler_address``, or a function that makes one.
        security: Certificates, as Dask takes them; None for what Dask's own configuration says.
        timeout: How many seconds the cluster may take to answer.
    """

    def __init__(self, cluster: Any, security: Any = None, timeout: float = 20.0) -> None:
        self._cluster = cluster
        self._security = security
        self.timeout = timeout
        self._client: Any = None
        self._turn = threading.RLock()
        self._answers: dict[str, str | None] = {}
        self._answered = -_FRESH
        self._asked = -_EVERY
        self._wanted: set[str] = set()

    @property
    def cluster(self) -> Any:
        """The cluster's address or object; made now where it has to be.

        Raises:
            JobError: It cannot be made.
        """
        with self._turn:
            if callable(self._cluster) and not hasattr(self._cluster, "scheduler_address"):
                need_distributed()
                self._cluster = self._cluster()
            return self._cluster

    @property
    def address(self) -> str:
        """The scheduler's address.

        Raises:
            JobError: The cluster has none that a process of its own can reach.
        """
        cluster = self.cluster
        address = cluster if isinstance(cluster, str) else getattr(cluster, "scheduler_address", None)
        if not isinstance(address, str) or "://" not in address:
            raise JobError(f"a cluster is an address such as 'tcp://scheduler:8786', or a cluster of Dask: {cluster!r}")
        if address.startswith("inproc://"):
            raise JobError(
                "the processes of a job cannot reach a cluster inside this process: LocalCluster(processes=True)"
            )
        return address

    def client(self) -> Any:
        """A client that is connected.

        Raises:
            JobError: The scheduler does not answer, or Dask is not installed.
        """
        need_distributed()
        from distributed import Client

        with self._turn:
            if self._client is not None and self._client.status in ("running", "newly-created"):
                return self._client
            self.close()
            address, security = self.address, self._security or getattr(self.cluster, "security", None)
            try:
                self._client = Client(
                    address, timeout=self.timeout, security=security, set_as_default=False, name="jlabel"
                )
            except (OSError, ValueError, ImportError) as error:
                raise JobError(
                    f"the Dask scheduler {address} does not answer ({type(error).__name__}: {error}); "
                    "is it running, and may this machine connect to it?"
                ) from error
            return self._client

    def close(self) -> None:
        """End the connection; the cluster and what runs there go on."""
        with self._turn, contextlib.suppress(Exception):
            client, self._client = self._client, None
            if client is not None:
                client.close(timeout=2)

    def is_live(self, key: str) -> bool:
        """Whether the scheduler knows a task of that name that has not ended, as far as it said lately.

        It is asked beside: this returns at once, and False until it has answered.
        """
        now = time.monotonic()
        with self._turn:
            self._wanted.add(key)
            ask = now - self._asked >= _EVERY
            if ask:
                self._asked = now
        if ask:
            threading.Thread(target=self._ask, name="jlabel-cluster", daemon=True).start()
        return now - self._answered < _FRESH and self._answers.get(key) in LIVE

    def states(self, keys: list[str]) -> dict[str, str | None]:
        """The states of tasks; None for one that the scheduler does not know.

        Raises:
            JobError: It does not answer.
        """

        # Inside, so that it goes there by its code: a scheduler need not have jlabel.
        def look(names: list[str], dask_scheduler: Any = None) -> dict[str, str | None]:
            tasks = dask_scheduler.tasks
            return {name: tasks[name].state if name in tasks else None for name in names}

        client = self.client()
        what = f"the Dask scheduler {self.address} does not say how its tasks are"
        answer: dict[str, str | None] = within(self.timeout, what, lambda: client.run_on_scheduler(look, keys))
        return answer

    def _ask(self) -> None:
        with contextlib.suppress(JobError):
            keys = sorted(self._wanted)
            self._answers = self.states(keys)
            self._answered = time.monotonic()
