"""Who works here: the name that is kept with labels, leases and reviews."""

from __future__ import annotations

import getpass
import json
import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from jlabel.errors import DatastoreError
from jlabel.files.atomic import atomic_write
from jlabel.files.json_values import parse_json

HUB_VARIABLE = "JUPYTERHUB_USER"
NAME_VARIABLE = "JLABEL_USER"
FILE_VARIABLE = "JLABEL_ANNOTATOR_FILE"

_FILE = "annotator.json"
_LONGEST = 100
# Names of accounts that many people, or every container, have.
_SAYS_NOTHING = frozenset(
    {"", "admin", "administrator", "appuser", "docker", "ec2-user", "guest", "jovyan", "jupyter", "jupyterhub"}
    | {"notebook", "nobody", "root", "rstudio", "runner", "ubuntu", "user", "vscode", "codespace"}
)


@dataclass(frozen=True)
class Identity:
    """Who works here.

    Attributes:
        name: The name; None where not even the account has one.
        known: Whether it is a person's, and no name of an account that says nothing about who uses it.
    """

    name: str | None
    known: bool


def identity() -> Identity:
    """Who works here: the JupyterHub user, else ``JLABEL_USER``, else the name that :func:`set_annotator` kept, else
    the login name."""
    for given in (os.environ.get(HUB_VARIABLE), os.environ.get(NAME_VARIABLE), _kept()):
        if given and given.strip():
            return Identity(given.strip()[:_LONGEST], True)
    name = _login_name()
    return Identity(name, name is not None and name.lower() not in _SAYS_NOTHING)


def set_annotator(name: str | None) -> None:
    """Say once who you are, on an account whose name says nothing.

    Such are ``root``, ``jovyan`` and ``ubuntu``. The name is kept in your folder of settings (or the file that
    ``JLABEL_ANNOTATOR_FILE`` names), and is that of labels and reviews in studies that are opened from then on.
    JupyterHub's user and the environment variable ``JLABEL_USER`` come before it.

    Args:
        name: Your name; None forgets it.

    Raises:
        DatastoreError: It is no name, or it cannot be kept.

    Examples:
        >>> jlabel.set_annotator("mia")
        >>> jlabel.LocalDatastore(studies).author
        'mia'
        >>> jlabel.set_annotator(None)
    """
    file = _file()
    try:
        if name is None:
            file.unlink(missing_ok=True)
            return
        kept = json.dumps({"name": checked_name(name)}).encode()
        file.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(file, lambda out: out.write(kept))
    except OSError as error:
        raise DatastoreError(f"{file}: the name cannot be kept: {error.strerror or error}") from error


def checked_name(name: object) -> str:
    """The name of a person, if it can be one.

    Raises:
        DatastoreError: It is empty, too long, or holds characters that nobody sees.
    """
    plain = name.strip() if isinstance(name, str) else ""
    if not plain or len(plain) > _LONGEST or not plain.isprintable():
        raise DatastoreError(f"a name is a text of 1 to {_LONGEST} letters that can be seen, not {name!r:.120}")
    return plain


def _file() -> Path:
    named = os.environ.get(FILE_VARIABLE)
    if named:
        return Path(named).expanduser()
    return Path(platformdirs.user_config_dir("jlabel", appauthor=False)) / _FILE


def _kept() -> str | None:
    try:
        found = parse_json(_file().read_text("utf-8"))
        return checked_name(found["name"])
    except (OSError, ValueError, KeyError, TypeError, DatastoreError):
        return None


def _login_name() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return None
