"""PNG, JPEG and BMP through Pillow: plain pictures, rows first."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import ImageError
from jlabel.imaging.image import Channels, Image
from jlabel.imaging.png_chunks import check_png
from jlabel.imaging.voxels import plain_type

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

# A picture has no patient: its rows are taken to go down (towards posterior) and its columns to the patient's left, in
# steps of 1 mm, so that the axial plane shows it upright.
PICTURE_AFFINE: NDArray[np.float64] = np.array(
    [[0, -1, 0, 0], [-1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], dtype=np.float64
)


def picture(
    array: NDArray[Any], path: Path, notes: dict[str, str], channels: Channels, frame: int = 0, frames: int = 1
) -> Image:
    """An image of plain pixels: shape (rows, columns), (rows, columns, 3) or, for a stack, (rows, columns, pages)."""
    return Image(array, PICTURE_AFFINE.copy(), channels, frame, frames, oriented=False, notes=notes, path=path)


def read_picture(path: Path, frame: int = 0, indices: bool = False) -> Image:
    """Read a PNG, JPEG or BMP file.

    Args:
        path: The file; its format is seen from its bytes.
        frame: Must be 0.
        indices: Return the palette's indices instead of its colours, as label pictures want them.

    Returns:
        Shape (rows, columns) for grey (uint8, or uint16 as stored; one bit as 0 and 1), (rows, columns, 3) for colour,
        turned upright as its EXIF orientation says.

    Raises:
        ImageError: The file is damaged, cut short or larger than 2^30 pixels.
    """
    from PIL import ImageOps

    if frame != 0:
        raise ImageError(path, f"has 1 frame, so there is no frame {frame}")
    notes: dict[str, str] = {}
    try:
        with path.open("rb") as file:
            opened = _opened(path, file, notes)
            opened.load()
            if opened.getexif().get(_ORIENTATION, 1) not in (0, 1):
                opened = ImageOps.exif_transpose(opened)
                notes["orientation"] = "turned upright as the file's EXIF orientation says"
            array = _pixels(opened, indices, notes)
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise ImageError(path, f"is damaged or cut short: {error}") from error
    if array.ndim == 3:
        return picture(array, path, notes, "rgb")
    return picture(plain_type(array, notes), path, notes, "scalar")


def _opened(path: Path, file: BinaryIO, notes: dict[str, str]) -> Any:
    """The picture with its header read and its size believed, but no pixels yet."""
    from PIL import BmpImagePlugin, JpegImagePlugin, PngImagePlugin

    # Not PIL.Image.open: its limit on pixels is a setting of the whole process, and refuses 20000 × 20000.
    size = path.stat().st_size
    magic = file.read(8)
    file.seek(0)
    if magic.startswith(PNG_MAGIC):
        check_png(path, notes)
        opened: Any = PngImagePlugin.PngImageFile(file)
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
    return opened


def _pixels(opened: Any, indices: bool, notes: dict[str, str]) -> NDArray[Any]:
    mode = opened.mode
    if mode == "P" and indices:
        return np.array(opened)
    if mode in ("1", "L", "F", "I") or mode.startswith("I;16"):
        array = np.array(opened)
        return array.astype(np.uint16) if mode == "I" and array.min() >= 0 and array.max() < 2**16 else array
    if mode == "LA":
        notes["colour"] = "transparency (the alpha channel) was left out"
        return np.array(opened.getchannel(0))
    if mode != "RGB":
        notes["colour"] = f"colours were converted from {_MODES.get(mode, mode)} to RGB"
        if mode == "P" and "transparency" in opened.info:
            opened = opened.convert("RGBA")
    return np.array(opened.convert("RGB"))


_MODES = {"P": "a palette", "RGBA": "RGB with transparency", "PA": "a palette", "YCbCr": "YCbCr"}
