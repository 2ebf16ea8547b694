"""Where a CVAT server is and who asks: given by the caller, or by the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from jlabel.errors import CvatError

_OURS = "JLABEL_CVAT_"
_THEIRS = "MONAI_LABEL_DATASTORE_"  # what MONAI Label reads for the same
_NAMES = {
    "url": (f"{_OURS}URL", f"{_THEIRS}URL"),
    "token": (f"{_OURS}TOKEN", f"{_THEIRS}API_KEY"),
    "username": (f"{_OURS}USERNAME", f"{_THEIRS}USERNAME"),
    "password": (f"{_OURS}PASSWORD", f"{_THEIRS}PASSWORD"),
    "organization": (f"{_OURS}ORGANIZATION",),
    "project": (f"{_OURS}PROJECT", f"{_THEIRS}PROJECT"),
}
_EXAMPLE = "http://localhost:8080"


@dataclass(frozen=True)
class Account:
    """An address and a login; what is secret is in no repr.

    Attributes:
        url: The server's address, without a slash at its end.
        token: A personal access token; "" where there is a password.
        username: Whose password it is.
        password: For servers without personal access tokens.
        organization: The short name of an organization on the server; "" for the user's own workspace.
    """

    url: str
    token: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    organization: str = ""

    @property
    def who(self) -> str:
        """Who asks, for people."""
        return self.username or "the owner of the access token"


def find_account(
    url: str | None = None,
    token: str | None = None,
    username: str | None = None,
    password: str | None = None,
    organization: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Account:
    """The account that was given, or that the environment names.

    A token or a user who is given is never mixed with one of the environment.

    Args:
        url: The server's address; ``JLABEL_CVAT_URL`` if not given.
        token: A personal access token; ``JLABEL_CVAT_TOKEN`` if no user is given either.
        username: ``JLABEL_CVAT_USERNAME`` if not given.
        password: ``JLABEL_CVAT_PASSWORD`` if not given.
        organization: ``JLABEL_CVAT_ORGANIZATION`` if not given.
        environment: In the place of ``os.environ``.

    Raises:
        CvatError: No server or no login is named, or the address is none.
    """
    known = os.environ if environment is None else environment
    address = url or _named("url", known)
    if not address:
        raise CvatError(f"no CVAT server is named: jlabel.Cvat({_EXAMPLE!r}, token=…), or set JLABEL_CVAT_URL")
    place = organization if organization is not None else _named("organization", known)
    checked = checked_url(address)
    if token and (username or password):
        raise CvatError("give a token, or a username and a password, not both")
    if token is None and username is None and password is None:
        token = _named("token", known)
    if token:
        return Account(checked, token=token, organization=place)
    username, password = username or _named("username", known), password or _named("password", known)
    if not username or not password:
        raise CvatError(
            f"no login for {checked} is given: token=… (in CVAT: your profile, Security), or username=… and password=…;"
            " or set JLABEL_CVAT_TOKEN, or JLABEL_CVAT_USERNAME and JLABEL_CVAT_PASSWORD"
        )
    return Account(checked, username=username, password=password, organization=place)


def named_project(environment: Mapping[str, str] | None = None) -> str:
    """The project that the environment names; "" where it names none."""
    return _named("project", os.environ if environment is None else environment)


def checked_url(url: str) -> str:
    """An address as it is used: without a user, a query, ``/api`` or a slash at its end.

    Raises:
        CvatError: It is none.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise CvatError(f"{url!r} is no address of a CVAT server: {error}") from error
    if parts.username or parts.password:
        raise CvatError("a user and a password do not belong into the address: give username=… and password=…")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise CvatError(f"{url!r} is no address of a CVAT server: it begins with http:// or https://")
    if parts.query or parts.fragment:
        raise CvatError(f"{url!r}: the address of the server alone is wanted, such as {_EXAMPLE}")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    path = parts.path.rstrip("/").removesuffix("/api")
    return urlunsplit((parts.scheme, host if port is None else f"{host}:{port}", path, "", ""))


def _named(what: str, environment: Mapping[str, str]) -> str:
    return next((environment[name] for name in _NAMES[what] if environment.get(name)), "")
