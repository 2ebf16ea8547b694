"""Look-up tables of DICOM: palettes of colours, and modality tables.

What decides (PS3.3 C.7.6.3.1.5, C.7.9, C.11.1.1): the descriptor has the number of entries (0 means 65,536), the stored
value that the first entry belongs to (signed where PixelRepresentation is 1), and the bits of an entry, 8 or 16. Values
below the first one take the first entry, values beyond the last one take the last. Entries are 16-bit words in the byte
order of the transfer syntax; entries of 8 bits are packed two to a word, or given one to a word. A segmented palette
(0028,1221 to 1223) is written as runs, straight lines and references back to both.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jlabel.imaging.formats.dicom_objects import big_endian

_COLOURS = ("Red", "Green", "Blue")
_MOST_ENTRIES = 1 << 16


class Table(NamedTuple):
    """Entries (uint16), the stored value of the first one, and the bits of an entry."""

    entries: NDArray[np.uint16]
    first: int
    bits: int

    def of(self, stored: NDArray[Any]) -> NDArray[np.uint16]:
        """The entries of stored values; same shape."""
        index = np.clip(stored.astype(np.int64) - self.first, 0, len(self.entries) - 1)
        return self.entries[index]


def palette(dataset: Any) -> list[Table]:
    """The tables of red, green and blue of a PALETTE COLOR object.

    Raises:
        ValueError: One is missing or damaged.
    """
    return [_colour_table(dataset, colour) for colour in _COLOURS]


def coloured(stored: NDArray[Any], tables: list[Table], notes: dict[str, str]) -> NDArray[np.uint8]:
    """Stored values of shape ``(r, c)`` as colours ``(r, c, 3)``; 16 bits a colour are cut to the upper 8."""
    notes["colour"] = "colours were converted from a palette to RGB"
    out = np.stack([table.of(stored) for table in tables], axis=-1)
    if max(table.bits for table in tables) <= 8:
        return out.astype(np.uint8)
    if max(int(table.entries.max()) for table in tables) <= 255:
        notes["colour"] += "; its tables are said to have 16 bits, but use 8 of them"
        return out.astype(np.uint8)
    if any(np.any(table.entries & 255) and np.any(table.entries & 255 != table.entries >> 8) for table in tables):
        notes["colour depth"] = "16 bits a colour were cut to 8"
    return (out >> 8).astype(np.uint8)


def modality_table(dataset: Any, item: Any) -> Table:
    """The table of an item of ModalityLUTSequence.

    Raises:
        ValueError: It is damaged.
    """
    count, first, bits = _descriptor(dataset, item.get("LUTDescriptor"))
    return Table(_entries(_words(dataset, item.get("LUTData")), count, bits), first, bits)


def _colour_table(dataset: Any, colour: str) -> Table:
    count, first, bits = _descriptor(dataset, dataset.get(f"{colour}PaletteColorLookupTableDescriptor"))
    data = dataset.get(f"{colour}PaletteColorLookupTableData")
    if data is not None:
        return Table(_entries(_words(dataset, data), count, bits), first, bits)
    segments = dataset.get(f"Segmented{colour}PaletteColorLookupTableData")
    if segments is None:
        raise ValueError(f"it has no palette of {colour.lower()}")
    words = _words(dataset, segments)
    packed = bits <= 8 and bool(np.any(words >> 8))
    values = words.astype("<u2").view(np.uint8) if packed else words
    entries = _expanded([int(value) for value in values], 4 if packed else 2)
    return Table(_check_count(np.array(entries, dtype=np.uint16), count), first, bits)


def _descriptor(dataset: Any, value: Any) -> tuple[int, int, int]:
    if value is None or isinstance(value, int) or len(value) != 3:
        raise ValueError(f"the descriptor of a look-up table is {value!r}")
    count, first, bits = (int(number) for number in value)
    signed = int(dataset.get("PixelRepresentation") or 0) == 1
    if not signed and first < 0:
        first += 1 << 16
    elif signed and first >= 1 << 15:
        first -= 1 << 16
    # Some writers give the bits in use, as 10 or 12: entries are words then all the same.
    if not 1 <= bits <= 16:
        raise ValueError(f"the entries of a look-up table have {bits} bits")
    return (count & 0xFFFF) or _MOST_ENTRIES, first, bits


def _words(dataset: Any, data: Any) -> NDArray[np.uint16]:
    """The data as 16-bit words: bytes are still as they stand in the file, numbers were read as such."""
    if data is None:
        raise ValueError("a look-up table has no data")
    if isinstance(data, bytes | bytearray):
        order = ">u2" if big_endian(dataset) else "<u2"
        return np.frombuffer(bytes(data[: len(data) // 2 * 2]), dtype=order).astype(np.uint16)
    numbers = [data] if isinstance(data, int) else list(data)
    return np.array([int(number) & 0xFFFF for number in numbers], dtype=np.uint16)


def _entries(words: NDArray[np.uint16], count: int, bits: int) -> NDArray[np.uint16]:
    if bits > 8 or len(words) >= count:
        return _check_count(words, count)
    return _check_count(words.astype("<u2").view(np.uint8).astype(np.uint16), count)


def _check_count(entries: NDArray[np.uint16], count: int) -> NDArray[np.uint16]:
    if len(entries) < count:
        raise ValueError(f"a look-up table has {len(entries)} entries, where {count} are promised")
    return entries[:count]


def _expanded(segments: list[int], offset_values: int) -> list[int]:
    """The entries that a segmented table stands for; ``offset_values`` is how many values a reference takes."""
    out: list[int] = []
    starts: set[int] = set()
    at = 0
    while at + 1 < len(segments):  # what is left over fills up a word
        starts.add(at)
        kind, length, rest = segments[at], segments[at + 1], at + 2
        if kind == 2 and len(segments) >= rest + offset_values:
            place = _reference(segments[rest : rest + offset_values], starts)
            for _ in range(length):
                place = _expand(segments, place, out)
            at = rest + offset_values
        else:
            at = _expand(segments, at, out)
    return out


def _reference(values: list[int], starts: set[int]) -> int:
    """Where the segments lie that are referred to: by their offset in bytes, or as some write it, in values."""
    bits = 32 // len(values)
    offset = sum(value << (bits * place) for place, value in enumerate(values))
    halved = offset // 2 if bits == 16 else offset
    found = next((place for place in (halved, offset) if place in starts), None)
    if found is None:
        raise ValueError("a segmented look-up table refers to a segment that is not there")
    return found


def _expand(segments: list[int], at: int, out: list[int]) -> int:
    """Expand the run or the line that begins there; returns where the next segment begins."""
    kind, length = (segments[at], segments[at + 1]) if at + 2 < len(segments) else (-1, 0)
    if len(out) + length > _MOST_ENTRIES:
        raise ValueError("a segmented look-up table has more than 65,536 entries")
    if kind == 0:
        out += segments[at + 2 : at + 2 + length]
        return at + 2 + length
    if kind == 1 and out:
        out += [round(float(value)) for value in np.linspace(out[-1], segments[at + 2], length + 1)[1:]]
        return at + 3
    raise ValueError(f"a segmented look-up table has a segment of the kind {kind} in a place where none may be")
