"""A webhook counts where it is signed with the secret."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from jlabel.cvat.webhooks import check_signature
from jlabel.errors import CvatError

BODY = b'{"event": "update:job"}'


def signed(secret: str) -> str:
    return "sha256=" + hmac.new(secret.encode(), BODY, hashlib.sha256).hexdigest()


def test_a_signed_webhook_passes() -> None:
    check_signature(BODY, signed("secret"), "secret")


@pytest.mark.parametrize("signature", [signed("another"), signed("secret")[:-1], "", None, "sha256=", "ü"])
def test_any_other_one_is_refused(signature: str | None) -> None:
    with pytest.raises(CvatError, match="not signed by your CVAT server"):
        check_signature(BODY, signature, "secret")
    with pytest.raises(CvatError, match="could come from anybody"):
        check_signature(BODY, signed(""), "")
