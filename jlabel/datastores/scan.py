"""Finding the images in a folder tree without listing the folders that have not changed."""

from __future__ import annotations

import filecmp
import os
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from jlabel.datastores.folder_contents import ANNOTATIONS, BUNDLE, DAMAGED, MASKS, NO_ID, TWIN, FolderContents
from jlabel.datastores.listing import Kept, Listing, Scan, Series
from jlabel.datastores.media import leave_out_missing
from jlabel.datastores.safe_names import problem_with_id
from jlabel.datastores.spelling import canonical, folded
from jlabel.datastores.split_series import APART, join_series
from jlabel.imaging.file_names import is_image_name, split_image_name
from jlabel.imaging.formats.dicom_groups import Group, main_group, series_path
from jlabel.imaging.mask_names import annotations_among, images_of, masks_among, may_hold_labels

# A folder that changed this short a time before it was listed may change again without its time changing.
_SETTLED_NS = 2_000_000_000


Recall = Callable[[str], FolderContents | None]
"""Gives what was found in a folder when it was listed last; None where that is not known."""


def scan_tree(
    top: Path,
    known: Mapping[str, int | None],
    *,
    leave_out: Collection[Path] = (),
    recall: Recall | None = None,
    kept: Callable[[], Mapping[str, Kept]] = dict,
) -> Scan:
    """List the new and changed folders of a tree; symbolic links to folders are followed, hidden names are not looked
    at.

    Args:
        top: The tree.
        known: The time at which each folder was listed, from an earlier scan.
        leave_out: Folders that do not belong to the tree.
        recall: What was found in a folder before. Without it names alone decide which files are images, and no file
            is looked into.
        kept: What was found in all folders, in short; asked only where something has changed.

    Raises:
        OSError: ``top`` cannot be read. Folders below it that cannot be read are listed in ``unusable``.
    """
    scan = Scan()
    children = _children(known)
    seen: set[tuple[int, int]] = set()
    waiting = [""]
    again: set[str] = set()
    while waiting:
        folder = waiting.pop()
        path = top / folder
        try:
            state = path.stat()
            if (state.st_dev, state.st_ino) in seen:
                continue
            seen.add((state.st_dev, state.st_ino))
            if known.get(folder) == state.st_mtime_ns and folder not in again:
                below = children.get(folder, [])
            else:
                below = _list_folder(scan, top, folder, state.st_mtime_ns, recall)
                again.update(one for one in below if folder in again or may_hold_labels(one.rpartition("/")[2]))
        except OSError as error:
            if not folder:
                raise
            if not isinstance(error, FileNotFoundError):
                scan.unusable.append(f"{folder} ({error.strerror})")
                scan.folders.add(folder)
            continue
        scan.folders.add(folder)
        waiting.extend(sub for sub in below if top / sub not in leave_out)
    if recall is not None:
        _list_what_belongs_to_it(scan, top, known, recall, kept)
        join_series(scan.listings)
        for listing in scan.listings:
            leave_out_missing(top, listing)
    scan.listings.sort(key=lambda listing: listing.folder)
    return scan


def _list_what_belongs_to_it(
    scan: Scan, top: Path, known: Mapping[str, int | None], recall: Recall, kept: Callable[[], Mapping[str, Kept]]
) -> None:
    """List unchanged folders that have parts of the series of changed ones, or the directory of a medium above them."""
    changed = {listing.folder for listing in scan.listings} | (known.keys() - scan.folders)
    if not known or not changed:
        return
    folders = kept()
    series = {uid for listing in scan.listings for uid in listing.contents.series()}
    series.update(uid for folder in changed & folders.keys() for uid in folders[folder].series)
    waiting = {folder: folders[folder] for folder in folders.keys() & scan.folders - changed}
    while True:
        more = [
            folder
            for folder, one in waiting.items()
            if not series.isdisjoint(one.series)
            or (one.directory and any(_is_below(other, folder) for other in changed))
        ]
        for folder in more:
            series |= waiting.pop(folder).series
            try:
                _list_folder(scan, top, folder, (top / folder).stat().st_mtime_ns, recall)
            except OSError as error:
                scan.unusable.append(f"{folder} ({error.strerror})")
        if not more:
            return


def _is_below(folder: str, top: str) -> bool:
    return not top or folder.startswith(f"{top}/")


def _list_folder(scan: Scan, top: Path, folder: str, mtime_ns: int, recall: Recall | None) -> list[str]:
    prefix = f"{folder}/" if folder else ""
    names: list[str] = []
    below: list[str] = []
    others: list[str] = []
    with os.scandir(top / folder) as entries:
        for entry in entries:
            name = entry.name
            if name.startswith("."):
                continue
            try:
                is_folder, is_file = entry.is_dir(), entry.is_file()
            except OSError:
                continue  # a link to itself is nothing
            if is_folder:
                below.append(name)
            elif is_file:
                by_name = is_image_name(name) and (recall is None or not name.lower().endswith(".dcm"))
                (names if by_name else others).append(name)
    trusted = mtime_ns if time.time_ns() - mtime_ns > _SETTLED_NS else None
    if folder and recall is not None and "configs" in below and _is_bundle(top / folder / "configs"):
        listing = Listing(folder, trusted, [])
        listing.leave_out(BUNDLE, folder)
        scan.listings.append(listing)
        return []
    listing = Listing(folder, trusted, [], names={*names, *others})
    if recall is not None:
        names = _leave_out_masks(listing, names, others, _is_of_labels(top, folder))
    listing.files = _without_twins(listing, top / folder, sorted(_usable(listing, names)))
    below = _usable(listing, below)
    if recall is not None:
        _look_into(listing, top, _usable(listing, others), recall(folder))
    scan.listings.append(listing)
    return sorted((prefix + sub for sub in below), reverse=True)


def _is_bundle(configs: Path) -> bool:
    """Whether a folder ``configs`` is that of a MONAI bundle: its pictures and volumes are no images of the studies."""
    names = (f"{name}.{ending}" for name in ("inference", "train") for ending in ("json", "yaml", "yml"))
    return (configs / "metadata.json").is_file() and any((configs / name).is_file() for name in names)


def _is_of_labels(top: Path, folder: str) -> bool:
    """Whether a folder, or one above it, is one of labels that lies beside one of images."""
    parts = folder.split("/") if folder else []
    for depth, name in enumerate(parts):
        if may_hold_labels(name):
            with os.scandir(top.joinpath(*parts[:depth])) as entries:
                if images_of(name, [entry.name for entry in entries if entry.is_dir()]) is not None:
                    return True
    return False


def _leave_out_masks(listing: Listing, names: list[str], others: list[str], of_labels: bool) -> list[str]:
    """The names without those of masks, which are labels to be imported and no images."""
    masks = set(names) if of_labels else set(masks_among(names))
    for name in sorted(masks):
        listing.leave_out(MASKS, name)
    texts = [name for name in others if name.lower().endswith(".txt")] if of_labels else []
    for name in sorted({*texts, *annotations_among([*names, *others])}):
        listing.leave_out(ANNOTATIONS, name)
    return [name for name in names if name not in masks]


def _look_into(listing: Listing, top: Path, others: Collection[str], known: FolderContents | None) -> None:
    extensions = {split_image_name(name)[1].lower() for name in listing.files}
    listing.contents.look(top / listing.folder, others, known or FolderContents(), extensions)
    beside = bool(listing.files)
    listing.own = _series(listing.folder, listing.contents, beside)
    listing.series = list(listing.own)
    listing.before = None if known is None else _series(listing.folder, known, beside)
    for name, seen in listing.contents.files.items():
        if seen.why == DAMAGED and name.lower().endswith(".dcm") and not listing.series:
            listing.files.append(name)  # what is wrong with it is said when it is opened
        elif seen.why:
            listing.leave_out(seen.why, name)
    for title, count in listing.contents.apart():
        listing.leave_out(APART, f"{title!r} in {listing.folder or '.'} ({count} files)")
    listing.files.sort()


def _series(folder: str, contents: FolderContents, beside: bool) -> list[Series]:
    groups = contents.groups()
    # The top folder stands for a series, but not for a single slice that lies in it.
    main = main_group(groups, beside=beside or not folder)
    prefix = f"{folder}/" if folder else ""

    def path(group: Group) -> str:
        if group is main:
            return folder or "."
        return prefix + group.files[0] if len(group.files) == 1 else series_path(folder, group)

    return [Series(path(group), group, group is main, folder) for group in groups]


def _usable(listing: Listing, names: Collection[str]) -> list[str]:
    good = [name for name in names if problem_with_id(name) is None]
    for name in sorted(set(names) - set(good)):
        listing.leave_out(NO_ID, repr(name)[1:-1])
    return good


def _without_twins(listing: Listing, folder: Path, names: list[str]) -> list[str]:
    """Leave out files whose names are the same but for their unicode form, and copies that differ in letter case."""
    spellings: dict[str, list[str]] = {}
    for name in names:
        spellings.setdefault(folded(name), []).append(name)
    if len(spellings) == len(names):
        return names
    kept: set[str] = set()
    for same in spellings.values():
        same.sort(key=lambda name: (name != canonical(name), name))
        for name in same:
            others = [other for other in same if other in kept]
            if any(canonical(other) == canonical(name) or _is_copy(folder / other, folder / name) for other in others):
                listing.leave_out(TWIN, name)
            else:
                kept.add(name)
    return [name for name in names if name in kept]


def _is_copy(one: Path, other: Path) -> bool:
    try:
        return filecmp.cmp(one, other, shallow=False)
    except OSError:
        return False


def _children(known: Mapping[str, int | None]) -> dict[str, list[str]]:
    children: dict[str, list[str]] = {}
    for folder in known:
        if folder:
            children.setdefault(folder.rpartition("/")[0], []).append(folder)
    return children
