"""The datastore of studies that are given by a folder or by a URL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from jlabel.datastores.remote.address import is_url, remembered_url
from jlabel.dicomweb.address import is_dicomweb

if TYPE_CHECKING:
    from jlabel.datastores.local import LocalDatastore


def open_studies(studies: Path | str) -> LocalDatastore:
    """A datastore of a folder (``~`` is the home folder), or of what lies elsewhere (``s3://bucket/scans``,
    ``http://pacs:8042/dicom-web``).

    The folder that studies elsewhere have on this machine stands for them.

    Raises:
        DatastoreError: The folder does not exist or cannot be used; or the store cannot be reached.
    """
    from jlabel.datastores.local import LocalDatastore

    elsewhere = (str(studies), {}) if is_url(studies) else remembered_url(studies_place(studies))
    if elsewhere is None:
        return LocalDatastore(studies_place(studies))
    url, options = elsewhere
    if is_dicomweb(url):
        from jlabel.dicomweb.datastore import DicomWebDatastore

        return DicomWebDatastore(url, options.get("query"), verify=options.get("verify", True))
    from jlabel.datastores.remote.datastore import RemoteDatastore

    return RemoteDatastore(url, storage_options=options)


def studies_place(studies: Path | str) -> str:
    """A URL as it is, or the path of a folder, which may be given as ``file:///data/scans``."""
    if is_url(studies):
        return str(studies)
    text = str(studies)
    if text.startswith("file://"):
        text = unquote(urlsplit(text).path)
    return str(Path(text).expanduser())
