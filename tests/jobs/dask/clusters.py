"""A Dask cluster of real processes, which tests may kill."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).resolve().parents[3]


class Cluster:
    """A scheduler and workers, each a process of its own.

    Args:
        folder: Where they may write.
        allowed_failures: How many workers may be lost with a task before it is given up.
    """

    def __init__(self, folder: Path, allowed_failures: int = 3) -> None:
        self._folder = folder
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(allowed_failures),
            "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "10s",
            "OMP_NUM_THREADS": "1",
        }
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self._port = found.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self._port}"
        self._count = 0
        self.scheduler: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Cluster:
        self.start_scheduler()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in (*self.workers, self.scheduler):
            if process is not None:
                self.kill(process)

    def start_scheduler(self) -> None:
        """Start it at the same address as before, once that is free."""
        command = ["distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(self._port), "--no-show"]
        self.scheduler = self._start([*command, "--no-dashboard"], {})
        deadline = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._port), 1):
                return
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def add(
        self, *options: str, code: str = "", environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a worker of one thread.

        Args:
            options: For ``dask worker``.
            code: Run in its process first.
            environment: What its environment has more.
        """
        self._count += 1
        command = [self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--name", f"w{self._count}"]
        command += ["--local-directory", str(self._folder / "scratch"), "--death-timeout", "60", *options]
        worker = self._start(["distributed.cli.dask_worker", *command], environment or {}, code)
        self.workers.append(worker)
        return worker

    def have(self, count: int) -> None:
        """Have so many workers at least, known to the scheduler; others that were started are gone."""
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        while len(self.workers) < count:
            self.add()
        self.wait(len(self.workers))

    def wait(self, count: int) -> None:
        """Wait until the scheduler knows so many workers, no more and no less."""
        from distributed import Client

        deadline = time.monotonic() + 60
        with Client(self.address, set_as_default=False) as client:
            while len(client.scheduler_info()["workers"]) != count:
                assert time.monotonic() < deadline, "the workers did not come, or go"
                time.sleep(0.05)

    def worker_of(self, folder: Path) -> subprocess.Popen[bytes]:
        """The worker that a job's process is a child of."""
        pid = process_of(folder)
        parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        return next(worker for worker in self.workers if worker.pid == parent)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a process of the cluster, and nothing else."""
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        process.wait()
        self.workers = [worker for worker in self.workers if worker is not process]

    def _start(self, command: list[str], environment: Mapping[str, str], code: str = "") -> subprocess.Popen[bytes]:
        module, *options = command
        started = ["-m", module, *options]
        if code:
            begin = f"import sys, runpy; sys.argv = {[module, *options]!r}"
            started = ["-c", f"{begin}\n{code}\nrunpy.run_module({module!r}, run_name='__main__')"]
        with (self._folder / "cluster.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *started],
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**self._environment, **environment},
                start_new_session=True,
            )


def process_of(folder: Path) -> int:
    """The process that sees to a job, once there is one."""
    wanted = f"jlabel.jobs.worker\0{folder}\0".encode()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for process in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if process.name.isdigit() and wanted in (process / "cmdline").read_bytes():
                    return int(process.name)
        time.sleep(0.05)
    raise AssertionError(f"nobody sees to {folder}")
