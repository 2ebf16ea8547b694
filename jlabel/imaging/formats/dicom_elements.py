"""The elements of DICOM one after the other, without a library: tag, kind, length, and where the value begins."""

from __future__ import annotations

import struct
from typing import BinaryIO

#: What is read of a file at first.
HEAD_BYTES = 8192
#: As a length: until the end is marked.
UNDEFINED = 0xFFFFFFFF
#: More than an object has on one level.
MOST_ELEMENTS = 20_000
#: The tag of the transfer syntax, in the file meta information.
SYNTAX = 0x00020010
_CLASS = 0x00020002
_LONG = {b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"SQ", b"UN", b"UT", b"UC", b"UR", b"SV", b"UV"}
_DEEPEST = 16


class Window:
    """A part of a file, at hand as bytes; another part is read where something beyond it is asked for."""

    def __init__(self, file: BinaryIO, head: bytes) -> None:
        self.file, self.data, self.start = file, head, 0

    def at(self, place: int, count: int) -> int:
        """Where in ``data`` the byte at that place of the file is, with so many bytes from there on.

        Raises:
            IndexError: The file is shorter.
        """
        offset = place - self.start
        if offset < 0 or offset + count > len(self.data):
            self.file.seek(place)
            self.data, self.start, offset = self.file.read(max(HEAD_BYTES, count)), place, 0
            if len(self.data) < count:
                raise IndexError
        return offset

    def value(self, place: int, count: int) -> bytes:
        """So many bytes from that place of the file.

        Raises:
            IndexError: The file is shorter.
        """
        offset = self.at(place, count)
        return self.data[offset : offset + count]


class CountedWindow(Window):
    """Raises ValueError once more is asked for than an object holds: its lengths may lead to one place many times."""

    def __init__(self, file: BinaryIO, head: bytes, most: int) -> None:
        super().__init__(file, head)
        self._left, self._most = most, most

    def at(self, place: int, count: int) -> int:
        """As :meth:`Window.at`, and one step more."""
        self._left -= 1
        if self._left < 0:
            raise ValueError(f"it has more than {self._most} elements")
        return super().at(place, count)


def next_element(window: Window, place: int, implicit: bool, order: str) -> tuple[int, bytes, int, int]:
    """Tag, value representation, length, and where the value begins.

    Args:
        window: The file.
        place: Where the element begins.
        implicit: Whether elements do not say of which kind they are.
        order: ``"<"`` or ``">"``, as for :mod:`struct`.

    Raises:
        IndexError: There is none.
    """
    offset = window.at(place, 8)
    data = window.data
    group, element = struct.unpack_from(order + "HH", data, offset)
    tag = group << 16 | element
    if implicit or group == 0xFFFE:
        return tag, b"", struct.unpack_from(order + "I", data, offset + 4)[0], place + 8
    kind = data[offset + 4 : offset + 6]
    if kind in _LONG:
        offset = window.at(place, 12)
        return tag, kind, struct.unpack_from(order + "I", window.data, offset + 8)[0], place + 12
    if not kind.isalpha():
        raise IndexError
    return tag, kind, struct.unpack_from(order + "H", data, offset + 6)[0], place + 8


def past_items(window: Window, place: int, implicit: bool, order: str, depth: int) -> int:
    """The place behind a sequence of undefined length, of which that is the first item.

    Raises:
        IndexError: It has no end, or is nested too deeply.
    """
    if depth > _DEEPEST:
        raise IndexError
    for _ in range(MOST_ELEMENTS):
        tag, _, length, place = next_element(window, place, implicit, order)
        if tag == 0xFFFEE0DD:
            return place
        if tag != 0xFFFEE000:
            raise IndexError
        if length != UNDEFINED:
            place += length
            continue
        for _ in range(MOST_ELEMENTS):
            tag, kind, length, place = next_element(window, place, implicit, order)
            if tag == 0xFFFEE00D:
                break
            if length == UNDEFINED:
                place = past_items(window, place, implicit or kind == b"UN", order, depth + 1)
            else:
                place += length
    raise IndexError


def file_meta(window: Window, place: int) -> tuple[str, str, int]:
    """Transfer syntax, SOP class, and where the data begins; "" for what the file meta information does not say.

    Raises:
        IndexError: The file is shorter.
    """
    found = {SYNTAX: "", _CLASS: ""}
    for _ in range(64):
        offset = window.at(place, 8)
        if window.data[offset : offset + 2] != b"\x02\x00":
            break
        tag, _, length, place = next_element(window, place, False, "<")
        if tag in found and length < 1024:
            found[tag] = window.value(place, length).rstrip(b"\0 ").decode("ascii", "replace")
        place += length
    return found[SYNTAX], found[_CLASS], place
