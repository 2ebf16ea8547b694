"""Webhooks of CVAT: requests by which a server tells that something has happened, signed with a secret of yours."""

from __future__ import annotations

import hashlib
import hmac

from jlabel.errors import CvatError

#: The header of the signature.
SIGNATURE = "X-Signature-256"
_KIND = "sha256="


def check_signature(body: bytes, signature: str | None, secret: str) -> None:
    """Refuse a request that does not come from the server.

    Args:
        body: Of the request, as it came.
        signature: What its header :data:`SIGNATURE` says.
        secret: That of the webhook, as it was typed into CVAT.

    Raises:
        CvatError: There is no secret, or the signature is not that of the body.

    Examples:
        >>> from jlabel.cvat.webhooks import check_signature
        >>> try:
        ...     check_signature(b"{}", "sha256=0123", "secret")
        ... except jlabel.CvatError as error:
        ...     print(error)
        this request is not signed by your CVAT server
    """
    if not secret:
        raise CvatError("a webhook without a secret could come from anybody: give it one in CVAT")
    wanted = _KIND + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    # Compared in constant time: how long it takes must tell nothing of the right one.
    if not hmac.compare_digest(wanted.encode(), (signature or "").encode()):
        raise CvatError("this request is not signed by your CVAT server")
