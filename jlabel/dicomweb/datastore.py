"""Studies on a DICOMweb server as a datastore."""

# ruff: noqa: D102 - the methods are documented in Datastore

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from jlabel.datastores.database.address import PostgresAddress
from jlabel.datastores.label_version import FINAL
from jlabel.datastores.local import LocalDatastore
from jlabel.datastores.remote.address import remember_url
from jlabel.datastores.remote.fetched_datastore import FetchedDatastore
from jlabel.datastores.remote.sizes import parse_size
from jlabel.datastores.studies import StudiesFolder
from jlabel.dicomweb.address import checked_query, places_of, server_address
from jlabel.dicomweb.credentials import Auth
from jlabel.dicomweb.server import DicomWebServer
from jlabel.dicomweb.studies import DicomWebStudies
from jlabel.errors import DatastoreError
from jlabel.imaging.image import Image
from jlabel.progress import NO_PROGRESS, Progress


class DicomWebDatastore(FetchedDatastore):
    """A datastore whose images are the series of a DICOMweb server, such as Orthanc or a PACS.

    Series are searched by QIDO-RS, and fetched by WADO-RS when they are opened, to a cache that all processes share.
    A label is saved on this machine, with its versions, and stored on the server by STOW-RS, as a DICOM SEG that refers
    to the instances of its image; labels that jlabel stored from other machines are versions here after
    :meth:`refresh`. While the server cannot be reached, labels stay on this machine and are stored later.

    Args:
        url: The server's address, ``http://pacs:8042/dicom-web`` or ``dicomweb://pacs:8042/dicom-web`` (``https://`` or
            ``dicomwebs://`` with TLS).
        query: What narrows the search: DICOM keywords and what they have to match, such as
            ``{"Modality": "MR", "StudyDate": "20240101-20241231"}``. It belongs to the address: another query is other
            studies.
        auth: A user and a password, ``("mia", "…")``, or a token. They are better left to the environment
            (``JLABEL_DICOMWEB_USERNAME`` and ``JLABEL_DICOMWEB_PASSWORD``, or ``JLABEL_DICOMWEB_TOKEN``) or to
            ``~/.netrc``: those that are given here are written nowhere, and do not go with a job.
        verify: Whether the certificate is checked, or the file of an authority that signed it.
        cache: A folder for what is kept on this machine; the person's own folders of data and of caches if not given.
        cache_size: What images may take of the disk, such as ``"20 GB"``, or bytes.
        name: Shown to users; if not given, the name given before, or the last part of the address.
        author: Who saves labels here; the login name if not given. It is stored with each label.
        timeout: How many seconds to wait while another process on this machine writes.

    Raises:
        DatastoreError: The server cannot be reached and was never listed, denies access, or ``dicomweb-client`` is not
            installed.

    Examples:
        >>> try:
        ...     jlabel.DicomWebDatastore("http://mia:secret@pacs:8042/dicom-web")
        ... except jlabel.DatastoreError as error:
        ...     print(str(error).partition(":")[0])
        the address of the DICOMweb server pacs holds a user or a password
    """

    _studies: DicomWebStudies
    _auth: Auth | None

    def __init__(
        self,
        url: str,
        query: Mapping[str, Any] | None = None,
        auth: Auth | None = None,
        verify: bool | str = True,
        cache: Path | str | None = None,
        cache_size: int | str = "20 GB",
        name: str | None = None,
        author: str | None = None,
        timeout: float = 10.0,
    ) -> None:
        self._begin(url, query, verify, cache, cache_size)
        self._auth = auth
        super().__init__(self._places.studies, name, author, timeout)

    def _begin(
        self,
        url: str,
        query: Mapping[str, Any] | None,
        verify: bool | str,
        cache: Path | str | None,
        cache_size: int | str,
    ) -> None:
        self.url = server_address(url)
        self.query = checked_query(query)
        self._verify = str(Path(verify).expanduser().absolute()) if isinstance(verify, str | Path) else bool(verify)
        self._cache, self._cache_size = cache, parse_size(cache_size)
        self._places = places_of(self.url, self.query, cache)
        self._looks, self._keeps = True, False
        self._auth = None

    def _open(
        self, folder: Path | str, timeout: float, catalogue: str | Path | PostgresAddress | None
    ) -> StudiesFolder:
        server = DicomWebServer(self.url, self._auth, self._verify)
        before = self._places.studies.parent.exists()
        options = {"query": self.query, "verify": self._verify}
        remember_url(
            self._places, self.url, {name: value for name, value in options.items() if value not in ({}, True)}
        )
        try:
            return DicomWebStudies(self._places, server, self.query, self._cache_size, timeout, self._looks)
        except BaseException:
            if not before:
                # Nothing is left of studies that could not be opened at all.
                shutil.rmtree(self._places.studies.parent, ignore_errors=True)
            raise

    def __reduce__(self) -> tuple[Any, ...]:
        if self._auth is not None:
            raise DatastoreError(
                f"{self.url} was opened with auth=: credentials do not go to the process of a job. Give them by the "
                "environment (JLABEL_DICOMWEB_USERNAME and JLABEL_DICOMWEB_PASSWORD, or JLABEL_DICOMWEB_TOKEN) or by "
                "~/.netrc, where the job finds them too"
            )
        places = (self.url, self.query, self._verify, self._cache, self._cache_size)
        return _reopened, (*places, self._author, self._catalogue.timeout)

    def __repr__(self) -> str:
        narrowed = f", {self.query!r}" if self.query else ""
        return f"DicomWebDatastore({self.url!r}{narrowed})"

    def save_label(
        self,
        image_id: str,
        label: NDArray[np.generic] | Path | str,
        tag: str = FINAL,
        info: Mapping[str, Any] | None = None,
        *,
        author: str | None = None,
        image: Image | None = None,
        progress: Progress = NO_PROGRESS,
    ) -> str:
        """See :meth:`LocalDatastore.save_label`; the label is stored on the server too.

        A warning says where the server does not have it yet.
        """
        if image is not None and image.sources:
            self._studies.remember(self._image(image_id).path, image)
        return super().save_label(image_id, label, tag, info, author=author, image=image, progress=progress)

    def add_image(self, image_id: str | None, filename: Path | str, info: Mapping[str, Any] | None = None) -> str:
        """Images come to a server by its own ways."""
        self._refuse_image()

    def add_images(self, images: Iterable[tuple[str, Path]], progress: Progress = NO_PROGRESS) -> list[str]:
        self._refuse_image()

    def _refuse_image(self) -> NoReturn:
        raise DatastoreError(
            f"{self.url}: images are not added from here. Send them to the server as its other images come, and call "
            "refresh()"
        )


def _reopened(
    url: str,
    query: dict[str, str],
    verify: bool | str,
    cache: Path | str | None,
    cache_size: int,
    author: str | None,
    timeout: float,
) -> DicomWebDatastore:
    """In the process of a job: its listing is that of those who began it, and what it reads stays on this machine."""
    datastore = DicomWebDatastore.__new__(DicomWebDatastore)
    datastore._begin(url, query, verify, cache, cache_size)
    datastore._looks, datastore._keeps = False, True
    LocalDatastore.__init__(datastore, datastore._places.studies, None, author, timeout)
    return datastore
