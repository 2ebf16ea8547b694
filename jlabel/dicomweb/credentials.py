"""Who asks a DICOMweb server: a user and a password, or a token. They are written nowhere."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from jlabel.errors import DatastoreError

if TYPE_CHECKING:
    from requests.auth import AuthBase

Auth = tuple[str, str] | str | Any
"""A user and a password, a token, or an object of ``requests`` that signs requests."""

WHERE = (
    "Credentials come from the environment (JLABEL_DICOMWEB_USERNAME and JLABEL_DICOMWEB_PASSWORD, or "
    "JLABEL_DICOMWEB_TOKEN) or from ~/.netrc"
)


def credentials(auth: Auth | None) -> AuthBase | None:
    """What signs requests: as given, else by the environment; None leaves it to ``~/.netrc``.

    Raises:
        DatastoreError: What is given is no credential, or one half of it is missing in the environment.
    """
    from requests.auth import AuthBase, HTTPBasicAuth

    if isinstance(auth, AuthBase):
        return auth
    if isinstance(auth, str) and auth:
        return _bearer(auth)
    if isinstance(auth, tuple) and len(auth) == 2 and all(isinstance(one, str) for one in auth):
        return HTTPBasicAuth(auth[0].encode(), auth[1].encode())
    if auth is not None:
        raise DatastoreError("auth is a user and a password, ('mia', '…'), or a token, '…'")
    token = os.environ.get("JLABEL_DICOMWEB_TOKEN")
    user, password = os.environ.get("JLABEL_DICOMWEB_USERNAME"), os.environ.get("JLABEL_DICOMWEB_PASSWORD")
    if token:
        return _bearer(token)
    if user and password is not None:
        return HTTPBasicAuth(user.encode(), password.encode())
    if user or password:
        raise DatastoreError("JLABEL_DICOMWEB_USERNAME and JLABEL_DICOMWEB_PASSWORD belong together: one is missing")
    return None


def _bearer(token: str) -> AuthBase:
    from requests.auth import AuthBase

    class Bearer(AuthBase):
        """A token in the header of each request; an own class, since a header alone gives way to ``~/.netrc``."""

        def __call__(self, request: Any) -> Any:
            request.headers["Authorization"] = f"Bearer {token}"
            return request

    return Bearer()
