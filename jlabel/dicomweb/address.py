"""Addresses of DICOMweb servers, and which of their series are meant."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from jlabel.datastores.remote.address import LocalPlaces, checked_url, local_places
from jlabel.errors import DatastoreError

_SCHEMES = {"dicomweb": "http", "dicomwebs": "https", "http": "http", "https": "https"}


def is_dicomweb(url: object) -> bool:
    """Whether a text is the address of a DICOMweb server.

    >>> is_dicomweb("http://pacs:8042/dicom-web"), is_dicomweb("s3://bucket/scans")
    (True, False)
    """
    return isinstance(url, str) and url.partition("://")[0] in _SCHEMES and "://" in url


def server_address(url: str) -> str:
    """The address as it is kept: without a slash at its end.

    Raises:
        DatastoreError: It is none, or it holds a user, a password or a query.
    """
    if not is_dicomweb(url) or not urlsplit(url).hostname:
        raise DatastoreError(f"{url!r:.200} is no address of a DICOMweb server, such as http://pacs:8042/dicom-web")
    if "@" in urlsplit(url).netloc:
        raise DatastoreError(
            f"the address of the DICOMweb server {urlsplit(url).hostname} holds a user or a password: leave them out, "
            "and give them by JLABEL_DICOMWEB_USERNAME and JLABEL_DICOMWEB_PASSWORD, JLABEL_DICOMWEB_TOKEN or ~/.netrc"
        )
    return checked_url(url)


def http_url(url: str) -> str:
    """The URL that requests go to.

    >>> http_url("dicomwebs://pacs/dicom-web")
    'https://pacs/dicom-web'
    """
    scheme, _, rest = url.partition("://")
    return f"{_SCHEMES[scheme]}://{rest}"


def checked_query(query: Mapping[str, Any] | None) -> dict[str, str]:
    """What narrows the search for series: DICOM keywords and the texts that they have to match.

    Raises:
        DatastoreError: A name is no DICOM keyword.
    """
    from pydicom.datadict import tag_for_keyword

    found = {str(name): str(value) for name, value in (query or {}).items()}
    for name in found:
        if tag_for_keyword(name) is None:
            raise DatastoreError(f"query: {name!r:.100} is no DICOM keyword, such as PatientID, StudyDate or Modality")
    return dict(sorted(found.items()))


def places_of(url: str, query: Mapping[str, str], cache: Path | str | None = None) -> LocalPlaces:
    """Where the studies of a server that a query finds have their folders on this machine."""
    return local_places(f"{url}?{urlencode(query)}" if query else url, {}, cache)
