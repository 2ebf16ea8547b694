"""A CVAT server, as a person names it in a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from weakref import WeakSet

from jlabel.cvat.account import find_account
from jlabel.cvat.answers import text
from jlabel.cvat.connection import Connection
from jlabel.display.html import facts_html
from jlabel.errors import CvatError


class Cvat:
    """A CVAT server, 2.15 or newer, and who asks it.

    What is not given is read from the environment: ``JLABEL_CVAT_URL``, ``JLABEL_CVAT_TOKEN``,
    ``JLABEL_CVAT_USERNAME``, ``JLABEL_CVAT_PASSWORD`` and ``JLABEL_CVAT_ORGANIZATION``, or the names that MONAI Label
    has for the same (``MONAI_LABEL_DATASTORE_URL``, …). Neither token nor password is ever shown or written to a file.

    Args:
        url: The server's address, such as ``"http://localhost:8080"``.
        token: A personal access token, of servers from 2.48 on.
        username: Instead of a token, with ``password``.
        password: Of the user.
        organization: The short name of an organization on the server.
        verify: False leaves the server's certificate unchecked; a path names the file of the authorities that it is
            checked by.

    Raises:
        CvatError: No server or no login is named, or the address is none. Nothing is asked of the server yet.

    Examples:
        >>> cvat = jlabel.Cvat("http://localhost:8080/", username="ann", password="secret")
        >>> cvat
        Cvat: http://localhost:8080 (ann)
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        username: str | None = None,
        password: str | None = None,
        organization: str | None = None,
        verify: bool | str | Path = True,
    ) -> None:
        self._account = find_account(url, token, username, password, organization)
        self._verify = verify
        self._connection: Connection | None = None
        self._loops: WeakSet[Any] = WeakSet()

    def __repr__(self) -> str:
        place = f", {self.organization}" if self.organization else ""
        return f"Cvat: {self.url} ({self._account.who}{place})"

    def _repr_html_(self) -> str:
        facts = {"server": self.url, "user": self._account.who, "organization": self.organization or None}
        return facts_html("CVAT", facts)

    def __reduce__(self) -> Any:
        raise TypeError("a CVAT login is kept in memory alone, and cannot be pickled")

    @property
    def url(self) -> str:
        """The server's address."""
        return self._account.url

    @property
    def organization(self) -> str:
        """The organization, "" for the user's own workspace."""
        return self._account.organization

    @property
    def connection(self) -> Connection:
        """The way to the server."""
        if self._connection is None:
            self._connection = Connection(self._account, self._verify)
        return self._connection

    @property
    def version(self) -> str:
        """The server's version.

        Raises:
            CvatError: The server cannot be reached, is none of CVAT, or too old.
        """
        return str(self.connection.version)

    @property
    def user(self) -> str:
        """The name of the user on the server.

        Raises:
            CvatError: The server cannot be reached, or does not let the user in.
        """
        return text(self.connection.get("users/self"), "username")

    def projects(self) -> list[str]:
        """The names of the projects that the user can see.

        Raises:
            CvatError: The server cannot be reached, or does not let the user in.
        """
        return [text(entry, "name") for entry in self.connection.pages("projects")]

    def upload_pre_annotations(self, images: Any = None) -> int:
        """Give the images that are out, and that nobody has begun, the model's masks and classes as a starting point.

        Args:
            images: Ids; all that are out if not given.

        Returns:
            How many images got some.

        Raises:
            CvatError: No loop works with this server yet (``manager.annotate_with(cvat)``), or the server refuses.
        """
        loops = list(self._loops)
        if not loops:
            raise CvatError("nothing is out: manager.annotate_with(cvat, …) begins the loop whose images are meant")
        return sum(loop.upload_pre_annotations(images) for loop in loops)

    def remember(self, loop: Any) -> None:
        """A loop works with this server now."""
        self._loops.add(loop)

    def close(self) -> None:
        """End the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
