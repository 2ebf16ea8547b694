"""Which file names are images, and where a name ends and its extension begins."""

from __future__ import annotations

from collections.abc import Collection

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
# Endings that are usual for DICOM; such files may also have none, or a number for one.
DICOM_EXTENSIONS: tuple[str, ...] = (".dcm", ".ima", ".img", ".dic", ".dicom")
VIDEO_EXTENSIONS: tuple[str, ...] = (".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".webm", ".wmv")
# Image formats that are known and not read, and archives that images come in.
_UNSUPPORTED = frozenset(
    [
        "3ds",
        "7z",
        "avif",
        "bif",
        "brik",
        "bz2",
        "cr2",
        "czi",
        "dng",
        "exr",
        "fdf",
        "fts",
        "fits",
        "gif",
        "gz",
        "h5",
        "hdf5",
        "head",
        "heic",
        "heif",
        "hv",
        "im3",
        "ims",
        "j2k",
        "jp2",
        "jpf",
        "jpx",
        "jxl",
        "lif",
        "lsm",
        "mat",
        "minc",
        "mnc",
        "mrxs",
        "nd2",
        "ndpi",
        "npy",
        "npz",
        "nwb",
        "obj",
        "oib",
        "oif",
        "par",
        "pbm",
        "pcx",
        "pgm",
        "ply",
        "pnm",
        "ppm",
        "psd",
        "raf",
        "rar",
        "raw",
        "rec",
        "scn",
        "stl",
        "stk",
        "svg",
        "svs",
        "swf",
        "tar",
        "tga",
        "tgz",
        "vff",
        "vms",
        "vol",
        "vsi",
        "vtk",
        "vti",
        "webp",
        "xcf",
        "xz",
        "zarr",
        "zip",
        "zraw",
        "zst",
        *(extension[1:] for extension in VIDEO_EXTENSIONS),
    ]
)
# What lies beside images and is none.
_COMPANIONS = frozenset(
    [
        "aux",
        "bak",
        "bib",
        "bval",
        "bvec",
        "cfg",
        "conf",
        "csv",
        "css",
        "ctbl",
        "db",
        "dcmdir",
        "doc",
        "docx",
        "dtd",
        "eps",
        "html",
        "htm",
        "ini",
        "ipynb",
        "js",
        "json",
        "jsonl",
        "key",
        "lnk",
        "lock",
        "log",
        "lut",
        "m",
        "map",
        "md",
        "md5",
        "mlmodel",
        "numbers",
        "odp",
        "ods",
        "odt",
        "onnx",
        "orig",
        "pages",
        "pdf",
        "pkl",
        "pptx",
        "ppt",
        "properties",
        "ps",
        "pt",
        "pth",
        "py",
        "pyc",
        "r",
        "rst",
        "rtf",
        "safetensors",
        "sh",
        "sha256",
        "sqlite",
        "sqlite-shm",
        "sqlite-wal",
        "tex",
        "tfm",
        "tmp",
        "toml",
        "tsv",
        "txt",
        "url",
        "xls",
        "xlsx",
        "xml",
        "xsl",
        "xsd",
        "yaml",
        "yml",
    ]
)
_DATA_OF = {".img": (".hdr",), ".raw": (".mhd", ".nhdr"), ".zraw": (".mhd",), ".gz": (".nhdr", ".hdr")}
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


def may_be_dicom_name(name: str) -> bool:
    """Whether a file's name says nothing against DICOM: a usual ending, a number for one, or none."""
    ending = split_image_name(name)[1].lower()
    return ending in DICOM_EXTENSIONS or ending[1:].isdecimal() or not ending


def is_companion_name(name: str) -> bool:
    """Whether a file of that name is a table, a text, a program or the like: what lies beside images and is none."""
    return split_image_name(name)[1].lower()[1:] in _COMPANIONS


def is_unsupported_name(name: str) -> bool:
    """Whether a file of that name is an image of a format that is not read, or an archive."""
    return name.lower().rpartition(".")[2] in _UNSUPPORTED and "." in name.lstrip(".")


def is_data_of_header(name: str, extensions: Collection[str]) -> bool:
    """Whether a file holds the voxels of an image whose header is a file of its own.

    Args:
        name: The file's name.
        extensions: Those of the image files in its folder, in lower case.
    """
    ending = "." + name.lower().rpartition(".")[2]
    return any(header in extensions for header in _DATA_OF.get(ending, ()))
