"""Labels that came to a store from other machines or by other programs: they become versions, and the current ones."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sqlalchemy import select

from jlabel.datastores import label_rows
from jlabel.datastores.catalogue import Catalogue
from jlabel.datastores.folder_contents import NO_SUCH_IMAGE, LeftOut
from jlabel.datastores.image_queue import chunks
from jlabel.datastores.image_rows import find_image
from jlabel.datastores.label_rows import ImageRef, Label
from jlabel.datastores.label_scan import keep_spelled
from jlabel.datastores.remote.label_store import LabelKey, listed_path, parse_version_path
from jlabel.datastores.remote.label_uploads import FoundVersion, add_found
from jlabel.datastores.remote.remote_labels import RemoteLabels
from jlabel.datastores.remote.remote_object import SECOND_NS, RemoteObject
from jlabel.datastores.safe_names import problem_with_id
from jlabel.datastores.tables import REMOVED, ImageRow
from jlabel.imaging.file_names import split_image_name

_AT_ONCE = 16
_PREFERRED = ".nii.gz"


@dataclass(frozen=True)
class _Found:
    """A label that the store lists, by another content than is known here."""

    image: ImageRef
    tag: str
    ext: str
    one: RemoteObject


class LabelSync:
    """Brings the catalogue up to date with the labels of a store.

    Args:
        labels: The labels.
        catalogue: Where the rows are.
    """

    def __init__(self, labels: RemoteLabels, catalogue: Catalogue) -> None:
        self._labels = labels
        self._stored = labels.stored
        self._catalogue = catalogue
        self._prefix = f"{labels.top.relative_to(labels.root).as_posix()}/"

    def update(self, objects: Iterable[RemoteObject], anew: bool = False) -> str:
        """Take in what the store lists.

        Args:
            objects: What it lists.
            anew: Whether also that is looked at which was listed before.

        Returns:
            What a person should know of label files that were left out; "" where there are none.

        Raises:
            DatastoreError: A label cannot be fetched.
        """
        listed = self._stored.listed.stamps(hidden=True)
        known = {} if anew else {path: stamp % SECOND_NS for path, stamp in listed.items()}
        labels, tags = dict[str, RemoteObject](), dict[tuple[LabelKey, int], str]()
        fresh: dict[LabelKey, list[FoundVersion]] = defaultdict(list)
        for one in objects:
            if one.path.startswith(self._prefix) and problem_with_id(one.path) is None:
                labels[one.path] = one
            elif (found := parse_version_path(one.path)) is not None:
                key, number, ext = found
                tags[key, number] = one.tag
                if known.get(listed_path(one.path)) != one.digest_ns:
                    fresh[key].append(FoundVersion(number, ext, one))
        changed = [one for path, one in labels.items() if known.get(path) != one.digest_ns]
        gone = [path for path in listed if path.startswith(self._prefix) and path not in labels]
        if fresh:
            self._take_in_versions(fresh)
        left_out = LeftOut()
        wanted = self._wanted(changed, labels, left_out) if changed else []
        with ThreadPoolExecutor(_AT_ONCE, "jlabel-labels") as threads:
            for done in [threads.submit(self._take_in, one, tags, anew) for one in wanted]:
                done.result()
        for path in gone:
            self._lose(path)
        if not left_out.count:
            return ""
        return f"label files that were not taken in: {left_out.count} {NO_SUCH_IMAGE}: {', '.join(left_out.names)}"

    def _take_in_versions(self, fresh: Mapping[LabelKey, list[FoundVersion]]) -> None:
        pks = self._pks({key.image_id for key in fresh})
        with self._catalogue.read() as connection:
            known = label_rows.all_numbers(connection)
        # Many have rows already, where other machines share the catalogue: nobody waits for those.
        new = {
            key: found
            for key, versions in fresh.items()
            if key.image_id in pks  # else its image may come yet
            and (found := [one for one in versions if (pks[key.image_id], key.tag, one.number) not in known])
        }
        if new:
            with self._catalogue.write(durable=False, found=True) as connection:
                for key, versions in new.items():
                    image = ImageRef(pks[key.image_id], key.image_id)
                    add_found(connection, image, key.tag, versions)
        for key, versions in fresh.items():
            if key.image_id in pks:
                for one in versions:
                    self._stored.list(one.one.path, one.one)

    def _wanted(
        self, changed: Iterable[RemoteObject], labels: Mapping[str, RemoteObject], left_out: LeftOut
    ) -> list[_Found]:
        """The labels that count: one file for each, and of images that there are."""
        parsed = [(*self._parsed(one.path), one) for one in changed]
        pks = self._pks({key.image_id for key, _, _ in parsed})
        with self._catalogue.read() as connection:
            rows = {(label.image_pk, label.tag): label for label in label_rows.find_all(connection)}
        found, spelled = [], dict(self._labels.spelled)
        for key, ext, one in parsed:
            image = ImageRef(pks[key.image_id], key.image_id) if key.image_id in pks else self._spelled(key.image_id)
            if image is None or not key.tag:
                left_out.add(one.path.removeprefix(self._prefix))
                continue
            name = f"{key.tag}/{image.id}{ext}"
            if image.id != key.image_id:
                if f"{self._prefix}{name}" in labels:
                    continue
                spelled[name] = one.path.removeprefix(self._prefix)
            else:
                spelled.pop(name, None)
            if self._counts(key, ext, rows.get((image.pk, key.tag)), labels):
                found.append(_Found(image, key.tag, ext, one))
        if spelled != self._labels.spelled:
            with self._catalogue.write(durable=False, found=True) as connection:
                keep_spelled(connection, spelled)
            self._labels.spelled = spelled
        return found

    def _counts(self, key: LabelKey, ext: str, label: Label | None, labels: Mapping[str, RemoteObject]) -> bool:
        """Whether a file is the one of several that counts: that which is known, else ``.nii.gz``."""
        stem = f"{self._prefix}{key.tag}/{key.image_id}"
        wanted = label.ext if label is not None and label.ext is not None else _PREFERRED
        return ext == wanted or f"{stem}{wanted}" not in labels

    def _take_in(self, found: _Found, tags: Mapping[tuple[LabelKey, int], str], anew: bool) -> None:
        """Make a label the current one, if it is none of the version that is current."""
        image, one = found.image, found.one
        with self._labels.alone_at(found.tag, image.id):
            label = self._labels.row(image, found.tag)
            if label is not None and label.ext == found.ext and label.number is not None:
                # Other tags are times, and two objects may have one.
                if one.has_etag and tags.get((LabelKey(found.tag, image.id), label.number)) == one.tag:
                    self._stored.list(one.path, one)
                    return
                self._labels.current(image, found.tag)  # what was changed here is no part of what comes
            now = self._stored.store.stat(one.path)
            listed = self._stored.listed.stamp(one.path)
            if now is None or (not anew and listed is not None and listed % SECOND_NS == now.digest_ns):
                return  # it was saved from this machine while the store was listed
            with contextlib.suppress(FileNotFoundError):
                data = self._stored.store.read(one.path)
                self._labels.take_in(image, found.tag, found.ext, now, data)
                if len(data) == now.size:
                    self._stored.list(one.path, now)

    def _lose(self, path: str) -> None:
        """Take a label away that was removed elsewhere; its versions stay."""
        if self._stored.store.stat(path) is not None:
            return
        key, ext = self._parsed(path)
        image = self._spelled(key.image_id)
        if image is not None:
            with self._labels.alone_at(key.tag, image.id):
                label = self._labels.row(image, key.tag)
                if label is not None and label.ext == ext:
                    self._labels.current(image, key.tag)  # what was changed here becomes a version
                    self._labels.remove_here(image, key.tag)
        self._stored.listed.remove(path)

    def _pks(self, image_ids: Iterable[str]) -> dict[str, int]:
        with self._catalogue.read() as connection:
            return {
                image_id: pk
                for chunk in chunks({*image_ids})
                for image_id, pk in connection.execute(_KEYS.where(ImageRow.id.in_(chunk)))
            }

    def _spelled(self, name: str) -> ImageRef | None:
        """The image that a name stands for, in any spelling."""
        with self._catalogue.read() as connection:
            image = find_image(connection, name)
        return None if image is None else ImageRef(image.pk, image.id)

    def _parsed(self, path: str) -> tuple[LabelKey, str]:
        tag, _, name = path.removeprefix(self._prefix).partition("/")
        folder, _, file = name.rpartition("/")
        stem, ext = split_image_name(file)
        return LabelKey(tag, f"{folder}/{stem}" if folder else stem), ext


_KEYS = select(ImageRow.id, ImageRow.pk).where(ImageRow.state != REMOVED)
