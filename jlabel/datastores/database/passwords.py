"""The passwords of catalogues: from the environment or the keyring, and never in a file, a message or a pickle.

libpq itself reads ``PGPASSWORD`` and ``~/.pgpass``. A password that was given with an address reaches the jobs that
this process starts through their environment.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress

VARIABLE = "JLABEL_CATALOGUE_PASSWORD"
_OF_JOBS = "JLABEL_CATALOGUE_PASSWORDS"
_SERVICE = "jlabel catalogue"

_given: dict[str, str] = {}


def find_password(who: str, given: str | None = None) -> str | None:
    """The password of a user of a database; None to leave it to libpq.

    Args:
        who: ``user@host:port/database``.
        given: The password that came with the address; it is known from then on.
    """
    if given is not None:
        _given[who] = given
        return given
    return _given.get(who) or _of_starter().get(who) or os.environ.get(VARIABLE) or None


def kept_password(who: str) -> str | None:
    """The password that the system's keyring has; None where there is none, or no keyring."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    with suppress(KeyringError):  # no keyring on this machine, or a locked one
        return keyring.get_password(_SERVICE, who) or None
    return None


def job_environment() -> dict[str, str]:
    """What a job's process needs in its environment to open the catalogues that this one has opened."""
    known = {**_of_starter(), **_given}
    return {_OF_JOBS: json.dumps(known)} if known else {}


def _of_starter() -> dict[str, str]:
    with suppress(ValueError):
        found = json.loads(os.environ.get(_OF_JOBS, "{}"))
        if isinstance(found, dict):
            return {str(who): str(password) for who, password in found.items()}
    return {}
