"""The datastore of studies that are given by a folder or by a URL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from jlabel.datastores.remote.address import is_url, remembered_url
from jlabel.dicomweb.address import is_dicomweb
from jlabel.errors import DatastoreError

if TYPE_CHECKING:
    from jlabel.datastores.database.address import PostgresAddress
    from jlabel.datastores.local import LocalDatastore


def open_studies(studies: Path | str, catalogue: str | Path | PostgresAddress | None = None) -> LocalDatastore:
    """A datastore of a folder (``~`` is the home folder), or of what lies elsewhere (``s3://bucket/scans``,
    ``http://pacs:8042/dicom-web``).

    The folder that studies elsewhere have on this machine stands for them.

    Args:
        studies: The folder, or the URL.
        catalogue: Where the catalogue is, as for :class:`jlabel.LocalDatastore`.

    Raises:
        DatastoreError: The folder does not exist or cannot be used; or the store cannot be reached. Or a catalogue is
            given for the studies of a DICOMweb server, which have theirs on this machine.
    """
    from jlabel.datastores.local import LocalDatastore

    elsewhere = (str(studies), {}) if is_url(studies) else remembered_url(studies_place(studies))
    if elsewhere is None:
        return LocalDatastore(studies_place(studies), catalogue=catalogue)
    url, options = elsewhere
    if is_dicomweb(url):
        from jlabel.dicomweb.datastore import DicomWebDatastore

        if catalogue is not None:
            raise DatastoreError(
                f"{url}: the studies of a DICOMweb server have their catalogue on this machine. catalogue=… is for "
                "folders and buckets"
            )
        return DicomWebDatastore(url, options.get("query"), verify=options.get("verify", True))
    from jlabel.datastores.remote.datastore import RemoteDatastore

    return RemoteDatastore(url, storage_options=options, catalogue=catalogue)


def studies_place(studies: Path | str) -> str:
    """A URL as it is, or the path of a folder, which may be given as ``file:///data/scans``."""
    if is_url(studies):
        return str(studies)
    text = str(studies)
    if text.startswith("file://"):
        text = unquote(urlsplit(text).path)
    return str(Path(text).expanduser())
