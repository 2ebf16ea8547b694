"""Which file names are images, and where a name ends and its extension begins."""

from __future__ import annotations

# Longest first, so that ".nii.gz" is found before a shorter ending could be. The ".img" of a pair is left out: the
# pair is one image and its ".hdr" stands for it.
IMAGE_EXTENSIONS: tuple[str, ...] = (
    ".nii.gz",
    ".jpeg",
    ".nhdr",
    ".nrrd",
    ".tiff",
    ".bmp",
    ".dcm",
    ".hdr",
    ".jpg",
    ".mgh",
    ".mgz",
    ".mha",
    ".mhd",
    ".nii",
    ".png",
    ".tif",
)
_DOUBLE = (".nii.gz", ".img.gz", ".hdr.gz", ".tar.gz", ".ome.tiff", ".ome.tif")


def split_image_name(name: str) -> tuple[str, str]:
    """The stem and the extension of a file name, where ``.nii.gz`` counts as one extension.

    ``stem + extension`` is always the name again: letters keep their case. A name without an extension gives ``""``.

    >>> split_image_name("a.b.nii.gz")
    ('a.b', '.nii.gz')
    """
    lower = name.lower()
    for ending in _DOUBLE:
        if lower.endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)], name[-len(ending) :]
    dot = name.rfind(".")
    return (name[:dot], name[dot:]) if dot > 0 else (name, "")


def is_image_name(name: str) -> bool:
    """Whether a file of that name is taken for an image; hidden names (a leading dot) never are."""
    stem, _ = split_image_name(name)
    return not name.startswith(".") and bool(stem) and name.lower().endswith(IMAGE_EXTENSIONS)
