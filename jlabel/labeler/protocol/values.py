"""What messages of all topics are made of: the version of the protocol, regions, positions, windows."""

from __future__ import annotations

from typing import Literal

import msgspec

#: Grows when an older page could no longer talk with this kernel.
PROTOCOL = 3

MaskDtype = Literal["uint8", "uint16"]
Number = int | float

#: [x0, y0, z0, x1, y1, z1], half open, in the array's own axes; a 2D image counts as one slice along a third axis.
WireRegion = tuple[int, int, int, int, int, int]
Position = tuple[int, int, int]
Window = tuple[Number, Number]
Step = tuple[int, int]


class Value(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A part of a message; its fields have camelCase names on the wire."""
