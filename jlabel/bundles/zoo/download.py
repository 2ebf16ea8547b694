"""A bundle from a model zoo into a folder: whole or not at all, and nothing of it is loaded or run."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jlabel.bundles.zoo.archive import check_archive
from jlabel.bundles.zoo.index import ZooBundle, read_index, version_key
from jlabel.bundles.zoo.on_disk import BundleOnDisk, read_bundle
from jlabel.bundles.zoo.resuming import Report, download_file
from jlabel.errors import JlabelError
from jlabel.files.temporary import temporary_name


def downloads_folder() -> Path:
    """Where bundles are put if nothing else is said: ``bundles`` in the user's data folder of jlabel."""
    import platformdirs

    return Path(platformdirs.user_data_path("jlabel")) / "bundles"


@dataclass(frozen=True)
class Downloaded:
    """What came of a download.

    Attributes:
        bundle: What is there now.
        new: Whether it was not there before.
        checked: Whether the index had a checksum to check it by.
    """

    bundle: BundleOnDisk
    new: bool
    checked: bool


def find(name: str, version: str | None = None, index: str | None = None) -> ZooBundle:
    """A bundle of the zoo.

    Args:
        name: Its name.
        version: Its version; the newest if not given.
        index: The address of the zoo's index.

    Raises:
        JlabelError: There is none of that name or version, or the zoo cannot be asked.
    """
    import difflib

    bundles = read_index(index)
    versions = [bundle for bundle in bundles if bundle.name == name]
    if not versions:
        near = difflib.get_close_matches(name, sorted({bundle.name for bundle in bundles}), 1, 0.5)
        hint = f"did you mean {near[0]}?" if near else "'jlabel bundles' lists what there is"
        raise JlabelError(f"the model zoo has no bundle {name!r}: {hint}")
    if version is None:
        return max(versions, key=lambda bundle: version_key(bundle.version))
    for bundle in versions:
        if bundle.version == version:
            return bundle
    there = ", ".join(bundle.version for bundle in versions[:8])
    raise JlabelError(f"the model zoo has no version {version!r} of {name}: there is {there}")


def download(bundle: ZooBundle, folder: Path, report: Report) -> Downloaded:
    """Download a bundle and unpack it beside its place, then put it there.

    MONAI's ``monai.bundle.download`` unpacks it. What breaks off is gone on with the next time.

    Args:
        bundle: Which.
        folder: Where its folder is to lie; made if it is not there.
        report: Called with the bytes that have come, and how many there will be if that is known.

    Raises:
        JlabelError: Another version is there, the zoo cannot be reached or refuses, the checksum is wrong, the archive
            is no bundle, or the folder cannot be written.
    """
    target = folder / bundle.name
    before = read_bundle(target)
    if before is not None and before.version == bundle.version and not before.fault:
        return Downloaded(before, new=False, checked=False)
    if os.path.lexists(target):
        what = f"version {before.version} is there" if before is not None and before.version else "something is there"
        raise JlabelError(f"{target}: {what}; remove it first, or choose another folder by --to")
    part = folder / f".{bundle.name}_v{bundle.version}.zip.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        download_file(bundle.address, part, bundle.checksum, report)
        _unpack(bundle, part, folder, target)
    except OSError as error:
        raise JlabelError(f"{bundle.name} cannot be put into {folder}: {error.strerror or error}") from error
    part.unlink(missing_ok=True)
    there = read_bundle(target)
    if there is None:
        raise JlabelError(f"{target} was removed while it was put there")
    return Downloaded(there, new=True, checked=bool(bundle.checksum))


def _unpack(bundle: ZooBundle, part: Path, folder: Path, target: Path) -> None:
    try:
        unpacked = check_archive(part, bundle.name)
    except JlabelError:
        part.unlink(missing_ok=True)
        raise
    free = shutil.disk_usage(folder).free
    if unpacked > free:
        raise JlabelError(f"{folder} has {free:,} bytes free, and {bundle.name} has {unpacked:,} unpacked: make room")
    beside = folder / temporary_name()
    beside.mkdir()
    try:
        archive = beside / f"{bundle.name}.zip"
        try:
            os.link(part, archive)
        except OSError:
            shutil.copyfile(part, archive)
        with _quiet():
            from monai.bundle import download as monai_download

            # MONAI sees that the archive is there, and unpacks it.
            monai_download(name=bundle.name, url=bundle.address, bundle_dir=beside, progress=False)
        (beside / bundle.name).rename(target)
    except (zipfile.BadZipFile, zlib.error, ValueError, RuntimeError, EOFError) as error:
        part.unlink(missing_ok=True)
        raise JlabelError(f"the archive of {bundle.name} cannot be unpacked: {error}") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """MONAI tells on the standard output what it does; that is for what the command prints."""
    import monai.apps.utils
    import monai.bundle.scripts

    loggers = [monai.apps.utils.logger, monai.bundle.scripts.logger]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="No hash value provided")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
