"""Opening image files: by what they hold, with every refusal of the operating system as an error about the image."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath

from jlabel.errors import ImageError
from jlabel.imaging.formats.byte_source import GZIP_MAGIC, ByteSource, Packing

_BUFFER = 1 << 16


@contextmanager
def open_bytes(file: Path, image: Path, skip: int = 0, packing: Packing | None = None) -> Iterator[ByteSource]:
    """Open a file for reading forward.

    Args:
        file: The file to open.
        image: The image that the person asked for; it differs from ``file`` where voxels lie in a file of their own.
        skip: Bytes at the beginning to leave out; a negative number counts from the end.
        packing: How the rest is compressed; None looks for gzip.

    Raises:
        ImageError: There is no such file, or it cannot be opened.
    """
    subject = "" if file == image else f"its file {file.name!r} "
    try:
        size = file.stat().st_size
        with file.open("rb", buffering=_BUFFER) as stream:
            start = size + skip if skip < 0 else skip
            if not 0 <= start <= size:
                raise ImageError(image, f"{subject}is truncated: it has only {size} bytes")
            stream.seek(start)
            if packing is None:
                packing = "gzip" if stream.read(2) == GZIP_MAGIC else "none"
                stream.seek(start)
            yield ByteSource(image, stream, size - start, packing, subject)
    except FileNotFoundError as error:
        raise ImageError(image, f"{subject}does not exist") from error
    except OSError as error:
        raise ImageError(image, f"{subject}cannot be read: {error.strerror or error}") from error


def sibling(path: Path, extension: str) -> Path:
    """The other half of a pair: the file of the same stem with that extension, compressed or in capitals too."""
    stem = path.name[:-3] if path.name.lower().endswith(".gz") else path.name
    stem = stem.rpartition(".")[0] or stem
    wanted = (stem + extension, stem + extension.upper(), stem + extension + ".gz")
    found = (path.with_name(name) for name in wanted if path.with_name(name).is_file())
    return next(found, path.with_name(wanted[0]))


def named_beside(path: Path, name: str) -> Path:
    """The data file that a header names: in the header's own folder or below it.

    Raises:
        ImageError: The name leads anywhere else. A header is somebody else's text and must not choose what is read.
    """
    parts = PurePosixPath(name.replace("\\", "/"))
    if not name or "\0" in name or parts.is_absolute() or PureWindowsPath(name).drive or ".." in parts.parts:
        raise ImageError(path, f"names the data file {name!r}, which does not lie beside it")
    return path.parent.joinpath(*parts.parts)
