"""What every message between the kernel and a page is, in each direction.

``client`` is one page's own random id. All messages of a page but :class:`~.page_messages.Hello`,
:class:`~.page_messages.Shown` and :class:`~.image_messages.Pull` have a number, ``seq``, that grows by one with each:
the kernel handles every one once and in order, says so (:class:`~.page_messages.Ack`), and refuses one that comes
before its time. What names an ``epoch`` is for the image of that epoch alone.
"""

from __future__ import annotations

import msgspec


class Incoming(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag_field="type"):
    """A message from a page."""

    client: str = ""
    seq: int | None = None


class ForImage(Incoming, frozen=True, kw_only=True):
    """A message that the person meant for the image that was open on the page; without an epoch for whatever is."""

    epoch: int | None = None


class Outgoing(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag_field="type", omit_defaults=True):
    """A message to one page, or to all."""

    client: str | None = None
