"""PNG, JPEG and BMP through Pillow: plain pictures, rows first.

What decides: the header's bits and kind of colour (:mod:`jlabel.imaging.formats.png_chunks` for PNG), and the EXIF
orientation, by which a picture is turned. Grey of any depth is kept as stored (Pillow stretches 2 and 4 bits to 8, and
drops the low byte of 16 bits beside an alpha channel: both are undone); colours have 8 bits, 16 are cut with a note.
Palettes become colours, or stay indices where a label is read. Transparency is left out.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import ImageError
from jlabel.imaging.formats.png_chunks import PngHeader, as_eight_bits, check_png
from jlabel.imaging.formats.voxel_types import plain_type
from jlabel.imaging.image import Channels, Image

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
JPEG_MAGIC = b"\xff\xd8\xff"
BMP_MAGIC = b"BM"
_ORIENTATION = 0x0112
_PIXELS_MOST = 1 << 30
# The most that each compression can hold: deflate packs 1032 bytes into one; JPEG needs a bit or two for 16 × 16
# pixels; BMP's run lengths reach 255 pixels in two bytes.
_PNG_PIXELS_A_BYTE = 1040
_JPEG_PIXELS_A_BYTE = 2048
_BMP_PIXELS_A_BYTE = 128
_GREY_ALPHA_16 = PngHeader(16, 4)
_NO_ALPHA = "transparency (the alpha channel) was left out"

# A picture has no patient: its rows are taken to go down (towards posterior) and its columns to the patient's left, in
# steps of 1 mm, so that the axial plane shows it upright.
PICTURE_AFFINE: NDArray[np.float64] = np.array(
    [[0, -1, 0, 0], [-1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], dtype=np.float64
)


def picture(
    array: NDArray[Any], path: Path, notes: dict[str, str], channels: Channels, frame: int = 0, frames: int = 1
) -> Image:
    """An image of plain pixels: ``(i, j)``, ``(i, j, 3)``, or ``(i, j, k)`` for a stack of pages; ``i`` counts rows."""
    return Image(array, PICTURE_AFFINE.copy(), channels, frame, frames, oriented=False, notes=notes, path=path)


def read_picture(path: Path, frame: int = 0, indices: bool = False) -> Image:
    """Read a PNG, JPEG or BMP file.

    Args:
        path: The file; its format is seen from its bytes.
        frame: Must be 0.
        indices: Return the palette's indices instead of its colours, as label pictures want them.

    Returns:
        Shape ``(i, j)`` for grey (uint8, or uint16, as stored: 4 bits give 0 to 15), ``(i, j, 3)`` for colour (uint8),
        turned upright as its EXIF orientation says; ``i`` counts rows and ``j`` columns.

    Raises:
        ImageError: The file is damaged, cut short or larger than 2^30 pixels.
    """
    from PIL import ImageOps

    if frame != 0:
        raise ImageError(path, f"has 1 frame, so there is no frame {frame}")
    notes: dict[str, str] = {}
    try:
        with path.open("rb") as file:
            opened, header = _opened(path, file, notes)
            opened.load()
            _note_aspect(opened, notes)
            if opened.getexif().get(_ORIENTATION, 1) not in (0, 1):
                opened = ImageOps.exif_transpose(opened)
                notes["orientation"] = "turned upright as the file's EXIF orientation says"
            array = _pixels(opened, header, indices, notes)
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise ImageError(path, f"is damaged or cut short: {error}") from error
    if array.ndim == 3:
        return picture(array, path, notes, "rgb")
    return picture(plain_type(array, notes), path, notes, "scalar")


def _opened(path: Path, file: BinaryIO, notes: dict[str, str]) -> tuple[Any, PngHeader | None]:
    """The picture with its header read and its size believed, but no pixels yet."""
    from PIL import BmpImagePlugin, JpegImagePlugin, PngImagePlugin

    # Not PIL.Image.open: its limit on pixels is a setting of the whole process, and refuses 20000 × 20000.
    size = path.stat().st_size
    magic = file.read(8)
    file.seek(0)
    header = None
    if magic.startswith(PNG_MAGIC):
        header = check_png(path, notes)
        source = io.BytesIO(as_eight_bits(path)) if header == _GREY_ALPHA_16 else file
        opened: Any = PngImagePlugin.PngImageFile(source)
        most = size * (8 if opened.mode == "1" else 1) * _PNG_PIXELS_A_BYTE
    elif magic.startswith(JPEG_MAGIC):
        opened = JpegImagePlugin.JpegImageFile(file)
        most = size * _JPEG_PIXELS_A_BYTE
    else:
        opened = BmpImagePlugin.BmpImageFile(file)
        most = size * _BMP_PIXELS_A_BYTE
    width, height = opened.size
    if width * height > _PIXELS_MOST:
        raise ImageError(path, f"has {width} × {height} pixels; up to {_PIXELS_MOST} in all are read")
    if width * height > most:
        raise ImageError(
            path, f"has a header that lies about its size: {size} bytes cannot hold {width} × {height} pixels"
        )
    return opened, header


def _pixels(opened: Any, header: PngHeader | None, indices: bool, notes: dict[str, str]) -> NDArray[Any]:
    mode = opened.mode
    if mode == "P" and indices:
        return np.array(opened)
    if header == _GREY_ALPHA_16:
        notes["colour"] = _NO_ALPHA
        high, low = (np.array(opened.getchannel(channel), dtype=np.uint16) for channel in (0, 1))
        return high << 8 | low
    if mode in ("1", "L", "F", "I") or mode.startswith("I;16"):
        return _grey(np.array(opened), mode, header)
    if mode == "LA":
        notes["colour"] = _NO_ALPHA
        return np.array(opened.getchannel(0))
    if header is not None and header.depth == 16:
        notes["colour depth"] = "16 bits a colour were cut to 8"
    if mode != "RGB":
        notes["colour"] = f"colours were converted from {_MODES.get(mode, mode)} to RGB"
        if mode == "P" and "transparency" in opened.info:
            opened = opened.convert("RGBA")
    return np.array(opened.convert("RGB"))


def _grey(array: NDArray[Any], mode: str, header: PngHeader | None) -> NDArray[Any]:
    if mode == "L" and header is not None and header.depth < 8:
        # Pillow has stretched them to 0 to 255.
        return np.asarray(array // (255 // (2**header.depth - 1)))
    return array.astype(np.uint16) if mode == "I" and array.min() >= 0 and array.max() < 2**16 else array


def _note_aspect(opened: Any, notes: dict[str, str]) -> None:
    """Pixels that are not square are said; a plain picture's grid is square all the same."""
    across, down = opened.info.get("dpi") or opened.info.get("aspect") or (1, 1)
    if across > 0 and down > 0 and abs(across / down - 1) > 0.01:
        notes["pixels"] = (
            f"the file says that a pixel is {across / down:.3g} times as high as wide; they are shown square"
        )


_MODES = {"P": "a palette", "RGBA": "RGB with transparency", "PA": "a palette", "YCbCr": "YCbCr"}
