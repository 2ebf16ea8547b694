"""Small functions that MONAI Label's apps import."""

from __future__ import annotations

import os
import shutil
import urllib.error
import urllib.request
import warnings
from pathlib import Path

from jlabel.errors import ConfigError

_TRUE = frozenset({"y", "yes", "t", "true", "on", "1"})


def strtobool(s: object) -> bool:
    """Whether a setting means yes: ``"true"``, ``"yes"``, ``"on"``, ``"1"`` and the like."""
    return s if isinstance(s, bool) else str(s).strip().lower() in _TRUE if s is not None else False


def file_ext(name: str) -> str:
    """The ending of a file's name, ``.nii.gz`` for a compressed NIfTI file."""
    name = str(name).lower()
    suffixes = Path(name).suffixes
    return "".join(suffixes[-2:]) if name.endswith(".gz") else suffixes[-1] if suffixes else ""


def get_basename(path: str) -> str:
    """The name of a file or folder without the folders above it."""
    return path.rstrip("/\\").replace("\\", "/").rpartition("/")[2]


def get_basename_no_ext(path: str) -> str:
    """The same, without its ending."""
    name = get_basename(path)
    return name[: len(name) - len(file_ext(name))]


def remove_file(path: str | None) -> None:
    """Remove a file or folder, if there is one."""
    if path and os.path.lexists(path):
        found = Path(path)
        shutil.rmtree(found) if found.is_dir() and not found.is_symlink() else found.unlink()


def download_file(url: str, path: str, delay: int = 1, skip_on_exists: bool = True) -> None:
    """Download a file, unless it is there already; where that does not work a warning says so, and the app goes on.

    A model without its weights is shown as one that cannot be used.

    Args:
        url: An address that begins with ``https://`` or ``http://``.
        path: Where to put it.
        delay: Has no meaning here: the file is whole once it is there.
        skip_on_exists: Whether to keep a file that is there.
    """
    target = Path(path)
    if skip_on_exists and target.exists():
        return
    if not url.startswith(("https://", "http://")):
        raise ConfigError(f"{url!r} is no address that a file can be downloaded from: use https://…")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    try:
        with urllib.request.urlopen(url, timeout=60) as source, part.open("wb") as file:
            shutil.copyfileobj(source, file)
        part.replace(target)
    except (OSError, urllib.error.URLError) as error:
        part.unlink(missing_ok=True)
        warnings.warn(f"{url} could not be downloaded to {target}: {error}", UserWarning, stacklevel=2)


def device_list() -> list[str]:
    """The devices that there are: ``"cuda"``, ``"cuda:1"``, …, and ``"cpu"``."""
    import torch

    count = torch.cuda.device_count()
    return [*(["cuda"] if count else []), *(f"cuda:{index}" for index in range(1, count)), "cpu"]


def name_to_device(device: str) -> str:
    """The device of that name if it is there, else the first that is."""
    known = device_list()
    return device if device in known else known[0]


def create_dataset_from_path(
    folder: str, image_dir: str = "images", label_dir: str = "labels", img_ext: str = ".jpg", lab_ext: str = ".png"
) -> list[dict[str, str]]:
    """Pairs of an image and the label of the same name, in two folders: ``[{"image": path, "label": path}, …]``."""
    images, labels = Path(folder) / image_dir, Path(folder) / label_dir
    pairs = [
        (image, labels / f"{image.name.removesuffix(img_ext)}{lab_ext}") for image in sorted(images.glob(f"*{img_ext}"))
    ]
    return [{"image": str(image), "label": str(label)} for image, label in pairs if label.is_file()]


def is_openslide_supported(name: str) -> bool:
    """Whether the file's ending is that of a whole-slide image."""
    return file_ext(name) in (".bif", ".mrxs", ".ndpi", ".scn", ".svs", ".svslide", ".tif", ".tiff", ".vms", ".vmu")
