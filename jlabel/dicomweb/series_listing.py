"""The listing of a server's series, brought up to date: a folder for each, and in it a header for each instance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from jlabel.datastores.remote.placeholders import Placeholders
from jlabel.datastores.spelling import folded
from jlabel.dicomweb.failures import ServerRefused
from jlabel.dicomweb.instance_header import Instance, make_header, read_instance
from jlabel.dicomweb.known_series import KnownSeries, KnownSeriesFile
from jlabel.dicomweb.label_note import is_own_label
from jlabel.dicomweb.series import LABEL_MODALITIES, Series, digest, series_of
from jlabel.dicomweb.server import DicomWebServer, Json
from jlabel.errors import DatastoreError

_AT_ONCE = 6
_SHOWN = 5
# What narrows a search among the series of a study: their labels have other values there.
_OF_SERIES = frozenset(
    ["Modality", "SeriesInstanceUID", "SeriesNumber", "SeriesDescription", "PerformedProcedureStepStartDate"]
)


@dataclass
class SeriesChanges:
    """What has changed on a server since it was listed last.

    Attributes:
        new: Series that were not listed.
        replaced: Paths of instances with another header.
        gone: Paths of instances that are gone.
        own: Series of labels that jlabel has stored, and the headers of their instances.
        left_out: Series that cannot be listed, and why.
    """

    new: list[Series] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    own: list[tuple[Series, list[Json]]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def note(self) -> str | None:
        """What a person should know; None where there is nothing."""
        if not self.left_out:
            return None
        some = "; ".join(self.left_out[:_SHOWN]) + ("; …" if len(self.left_out) > _SHOWN else "")
        return f"{len(self.left_out)} series are left out: {some}"


class SeriesListing:
    """The headers of a server's instances in a studies folder.

    Args:
        server: The server.
        query: What narrows the search.
        placeholders: In the studies folder.
        known: What was listed before.
    """

    def __init__(
        self, server: DicomWebServer, query: Mapping[str, str], placeholders: Placeholders, known: KnownSeriesFile
    ) -> None:
        self._server = server
        self._query = query
        self._placeholders = placeholders
        self._known = known

    def update(self) -> SeriesChanges:
        """Bring the listing up to date.

        Raises:
            DatastoreError: The server cannot be asked; what was listed until then stays.
        """
        changes, known = SeriesChanges(), self._known.load()
        found = self._found(changes)
        for uid in known.keys() - found.keys():
            self._drop(known.pop(uid).folder, changes)
        fresh = {uid for uid in found if uid not in known}
        for uid, one in known.items():
            if one.source in fresh:
                known[uid] = KnownSeries(one.study, one.folder, "")
        wanted = [
            one for uid, one in found.items() if uid not in known or known[uid].stamp != one.stamp or not one.stamp
        ]
        taken = {folded(one.folder) for one in known.values()}
        before = {uid: one.folder for uid, one in known.items()}
        folders = {one.uid: before.get(one.uid) or _free(one, taken) for one in wanted}
        try:
            with ThreadPoolExecutor(_AT_ONCE, "jlabel-series") as threads:
                asked = {threads.submit(self._headers, one): one for one in wanted}
                try:
                    for done in as_completed(asked):
                        self._take_in(asked[done], folders[asked[done].uid], done.result(), known, changes)
                except BaseException:
                    for waiting in asked:
                        waiting.cancel()
                    raise
        finally:
            self._known.save(known)
        changes.new.sort(key=lambda one: one.folder)
        return changes

    def ask(self, uid: str, known: KnownSeries) -> Series | None:
        """A series as the server has it now, if it tells another thing of it than when it was listed.

        Raises:
            FileNotFoundError: It is gone.
            DatastoreError: The server cannot be asked.
        """
        found = self._server.search_series({"StudyInstanceUID": known.study, "SeriesInstanceUID": uid})
        series = next((one for one in map(series_of, found) if one is not None and one.uid == uid), None)
        if series is None:
            raise FileNotFoundError(known.folder)
        return None if series.stamp and series.stamp == known.stamp else series

    def renew(self, series: Series, folder: str) -> SeriesChanges:
        """List the instances of one series anew.

        Raises:
            DatastoreError: The server cannot be asked.
        """
        changes, kept = SeriesChanges(), self._known.load()
        self._take_in(series, folder, self._headers(series), kept, changes)
        self._known.save(kept)
        return changes

    def drop(self, uid: str) -> SeriesChanges:
        """List a series no more."""
        changes, kept = SeriesChanges(), self._known.load()
        if uid in kept:
            self._drop(kept.pop(uid).folder, changes)
            self._known.save(kept)
        return changes

    def forget(self, uid: str) -> None:
        """Take a series for one that has changed: what was listed of it is not there."""
        kept = self._known.load()
        if uid in kept:
            kept[uid] = KnownSeries(kept[uid].study, kept[uid].folder, "")
            self._known.save(kept)

    def taken_in(self, series: Series, source: str) -> None:
        """Note that labels of jlabel's own were taken in, or that the series of their image is not there."""
        kept = self._known.load()
        kept[series.uid] = KnownSeries(series.study, "", series.stamp, source)
        self._known.save(kept)

    def instances(self, names: Iterable[str]) -> list[tuple[str, Instance]]:
        """The instances whose headers are listed under these paths; those that are not listed are left out."""
        found = []
        for name in names:
            try:
                found.append((name, read_instance((self._placeholders.top / name).read_bytes())))
            except (OSError, ValueError):
                continue
        return found

    def _found(self, changes: SeriesChanges) -> dict[str, Series]:
        """The series of images, and those of labels in the same studies."""
        images = {one.uid: one for one in self._search(self._query, changes) if one.holds_images}
        studies = {one.study for one in images.values()}
        wide = {name: text for name, text in self._query.items() if name not in _OF_SERIES}
        found = dict(images)
        for modality in sorted(LABEL_MODALITIES):
            labels = self._search({**wide, "Modality": modality}, changes)
            found.update((one.uid, one) for one in labels if one.holds_labels and one.study in studies)
        return found

    def _search(self, filters: Mapping[str, str], changes: SeriesChanges) -> Iterable[Series]:
        for answer in self._server.search_series(filters):
            series = series_of(answer)
            if series is None:
                changes.left_out.append("one whose UID is none")
            else:
                yield series

    def _headers(self, series: Series) -> list[Json] | str:
        """The headers of a series, or why there are none."""
        try:
            return self._server.metadata(series.study, series.uid)
        except FileNotFoundError:
            return "it is gone"
        except ServerRefused as error:
            return str(error)

    def _take_in(
        self,
        series: Series,
        folder: str,
        headers: list[Json] | str,
        known: dict[str, KnownSeries],
        changes: SeriesChanges,
    ) -> None:
        if isinstance(headers, str):
            changes.left_out.append(f"{folder}: {headers}")
            return
        if series.holds_labels and headers and all(map(is_own_label, headers)):
            changes.own.append((series, headers))
            return
        try:
            made = [one for one in map(make_header, headers) if one is not None]
        except ValueError as error:
            changes.left_out.append(f"{folder}: {error}")
            return
        if series.uid not in known:
            changes.new.append(series)
        self._put(folder, made, changes)
        known[series.uid] = KnownSeries(series.study, folder, series.stamp)

    def _put(self, folder: str, made: Sequence[tuple[Instance, bytes]], changes: SeriesChanges) -> None:
        listed = Placeholders(self._placeholders.top / folder).stamps()
        for instance, header in made:
            one = instance.at(folder)
            before = listed.pop(instance.name, None)
            if before == one.mtime_ns:
                continue
            if before is not None:
                changes.replaced.append(one.path)
            try:
                self._placeholders.put(one, header)
            except OSError as error:
                raise DatastoreError(
                    f"{self._placeholders.top / one.path}: the listing of images cannot be written: "
                    f"{error.strerror or error}"
                ) from error
        for name in listed:
            self._placeholders.remove(f"{folder}/{name}")
            changes.gone.append(f"{folder}/{name}")

    def _drop(self, folder: str, changes: SeriesChanges) -> None:
        top: Path = self._placeholders.top
        for name in Placeholders(top / folder).stamps() if folder else ():
            self._placeholders.remove(f"{folder}/{name}")
            changes.gone.append(f"{folder}/{name}")


def _free(series: Series, taken: set[str]) -> str:
    """A folder that no other series has, whatever disk it is on."""
    names = (series.folder, f"{series.folder}_{digest(series.uid, 6)}", f"{series.folder}_{digest(series.uid)}")
    folder = next(name for name in names if folded(name) not in taken)
    taken.add(folded(folder))
    return folder
