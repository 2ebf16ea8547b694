"""The requests that are made of a DICOMweb server: search (QIDO-RS), retrieve (WADO-RS) and store (STOW-RS)."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jlabel.datastores.remote.store import StoreUnreachable
from jlabel.dicomweb.address import http_url
from jlabel.dicomweb.credentials import Auth, credentials
from jlabel.dicomweb.failures import ServerRefused, explained, failure_words
from jlabel.errors import DatastoreError

Json = dict[str, Any]
"""A dataset in the JSON model of DICOM: tags to ``{"vr": …, "Value": […]}``."""

_UID = re.compile(r"[0-9]+(\.[0-9]+)*")
_FIELDS = (
    "PatientID",
    "StudyDate",
    "StudyDescription",
    "Modality",
    "SeriesDescription",
    "SeriesNumber",
    "NumberOfSeriesRelatedInstances",
)
_PAGE = 500
_MOST_PAGES = 10_000
_AS_STORED = (("application/dicom", "*"),)
_BYTES = ("application/octet-stream",)
# Seconds to connect, and between two pieces of an answer.
_TIMEOUT = (10.0, 60.0)
_TRIES, _FIRST_WAIT_MS = 3, 200
_READ_AT_ONCE, _SENT_AT_ONCE = 1 << 20, 1 << 30
_CONNECTIONS = 16


class DicomWebServer:
    """A DICOMweb server.

    Args:
        url: Its address, ``http://…`` or ``dicomweb://…``.
        auth: Credentials; those of the environment or of ``~/.netrc`` if not given.
        verify: Whether certificates are checked, or the file of the authorities that are trusted.

    Raises:
        DatastoreError: dicomweb-client is not installed, the credentials are none, or the file is not there.
    """

    def __init__(self, url: str, auth: Auth | None = None, verify: bool | str = True) -> None:
        self.url = url
        self._verify = verify
        try:
            import dicomweb_client  # noqa: F401
        except ImportError:
            raise DatastoreError(
                f"{url}: DICOMweb is spoken by dicomweb-client: pip install 'jlabel[dicomweb]'"
            ) from None
        self._auth = credentials(auth)
        if isinstance(verify, str) and not Path(verify).exists():
            raise DatastoreError(f"{verify}: there is no such file of trusted authorities")

    def search_series(self, filters: Mapping[str, str]) -> Iterator[Json]:
        """The series that match, page by page.

        Args:
            filters: DICOM keywords and what they have to match.

        Raises:
            DatastoreError: The server cannot be asked.
        """
        seen: set[str] = set()
        for _ in range(_MOST_PAGES):
            page = self._page(filters, len(seen))
            new = [one for one in page if (uid := first_value(one, "0020000E")) and uid not in seen]
            if not new:
                return  # the end, or a server that gives its first page again and again
            seen.update(str(first_value(one, "0020000E")) for one in new)
            yield from new
        raise ServerRefused(f"{self.url} lists its series without end")

    def _page(self, filters: Mapping[str, str], offset: int) -> list[Json]:
        try:
            with explained(f"{self.url} cannot be searched"):
                found = self._client.search_for_series(
                    limit=_PAGE, offset=offset, fields=_FIELDS, search_filters=dict(filters)
                )
                return [one for one in found if isinstance(one, dict)]
        except FileNotFoundError:
            raise ServerRefused(
                f"{self.url} cannot be searched: there is no DICOMweb at this address (404). Mostly it ends with a "
                "path, such as /dicom-web"
            ) from None

    def metadata(self, study: str, series: str) -> list[Json]:
        """The headers of all instances of a series.

        Raises:
            FileNotFoundError: There is no such series.
            DatastoreError: The server cannot be asked, or refuses.
        """
        with explained(f"{self.url}: the headers of series {series} cannot be read"):
            found = self._client.retrieve_series_metadata(study, series)
        return [one for one in found if isinstance(one, dict)]

    def series(self, study: str, series: str) -> Iterator[Any]:
        """The instances of a series as they come, as pydicom datasets, in the transfer syntaxes that they are kept in.

        Raises:
            FileNotFoundError: There is no such series.
            DatastoreError: They cannot be read, or the connection was cut.
        """
        with explained(f"{self.url}: series {series} cannot be read"):
            yield from self._retrieving.iter_series(study, series, media_types=_AS_STORED)

    def instance(self, study: str, series: str, uid: str) -> Any:
        """One instance, as a pydicom dataset.

        Raises:
            FileNotFoundError: There is no such instance.
            DatastoreError: It cannot be read.
        """
        with explained(f"{self.url}: instance {uid} cannot be read"):
            return self._retrieving.retrieve_instance(study, series, uid, media_types=_AS_STORED)

    def bulk(self, uri: str, study: str, series: str, uid: str) -> bytes:
        """The value of an element that metadata refers to; asked of this server, whatever host the reference names.

        Raises:
            FileNotFoundError: There is none.
            DatastoreError: It cannot be read, or the reference is none to this instance.
        """
        inside = f"/studies/{study}/series/{series}/instances/{uid}/"
        _, found, rest = urlsplit(uri).path.partition(inside)
        if not found or ".." in rest:
            raise ServerRefused(f"{self.url}: a value of instance {uid} is not kept with it")
        with explained(f"{self.url}: a value of instance {uid} cannot be read"):
            return b"".join(
                self._retrieving.retrieve_bulkdata(f"{http_url(self.url)}{inside}{rest}", media_types=_BYTES)
            )

    def store(self, dataset: Any) -> None:
        """Store an instance; one that the server has already is stored.

        Raises:
            DatastoreError: The server cannot be reached, or does not take it.
        """
        what = f"{self.url}: the DICOM SEG was not stored"
        try:
            with explained(what):
                answer = self._storing.store_instances([dataset])
        except FileNotFoundError:
            raise ServerRefused(f"{what}: the server has no STOW-RS at this address (404)") from None
        failed: list[Any] = list(answer.get("FailedSOPSequence") or [])
        if failed:
            raise ServerRefused(f"{what}: {failure_words(failed[0].get('FailureReason'))}")

    @cached_property
    def _client(self) -> Any:
        return self._made(_READ_AT_ONCE)

    @cached_property
    def _retrieving(self) -> Any:
        # Pixels as they are: a server packs them more slowly than a network of a hospital carries them.
        return self._made(_READ_AT_ONCE, {"Accept-Encoding": "identity"})

    @cached_property
    def _storing(self) -> Any:
        # In one piece: a stream could not be sent once more.
        return self._made(_SENT_AT_ONCE)

    def _made(self, chunk_size: int, headers: dict[str, str] | None = None) -> Any:
        import requests
        from dicomweb_client.api import DICOMwebClient
        from requests.adapters import HTTPAdapter

        verify = self._verify

        class Adapter(HTTPAdapter):
            """Trusts whom it is told to, also where the environment names other authorities."""

            def send(self, request: Any, *args: Any, **options: Any) -> Any:
                return super().send(
                    request, *args, **({**options, "verify": verify} if verify is not True else options)
                )

        # Its warnings of each try would be printed; what comes of all tries is said by the error.
        logging.getLogger("retrying").addHandler(logging.NullHandler())
        session = requests.Session()
        for scheme in ("http://", "https://"):
            session.mount(scheme, Adapter(pool_maxsize=_CONNECTIONS))
        session.auth = self._auth
        with explained(f"{self.url} is no address of a DICOMweb server"):
            client = DICOMwebClient(
                http_url(self.url),
                session,
                headers=headers,
                callback=_check_whole,
                chunk_size=chunk_size,
                timeout=_TIMEOUT,
            )
        client.set_http_retry_params(max_attempts=_TRIES, wait_exponential_multiplier=_FIRST_WAIT_MS)
        return client


def first_value(dataset: Mapping[str, Any], tag: str) -> Any:
    """The first value of an element in the JSON model; None where there is none.

    >>> first_value({"00080060": {"vr": "CS", "Value": ["MR"]}}, "00080060")
    'MR'
    """
    element = dataset.get(tag)
    values = element.get("Value") if isinstance(element, Mapping) else None
    return values[0] if isinstance(values, list) and values else None


def is_uid(text: object) -> bool:
    """Whether a text is a UID: then it can be a part of a URL, and of a file's name."""
    return isinstance(text, str) and len(text) <= 64 and _UID.fullmatch(text) is not None


def _check_whole(response: Any, *_: Any, **__: Any) -> None:
    """Notice a cut where the protocol does not: in an answer that says neither its length nor its pieces."""
    headers = response.headers
    kind = str(headers.get("Content-Type", ""))
    if not kind.lower().startswith("multipart/") or "Content-Length" in headers or "Transfer-Encoding" in headers:
        return
    if not response.content.rstrip().endswith(b"--"):
        raise StoreUnreachable(f"{response.url.partition('?')[0]}: the answer was cut off")
