"""Studies that lie in a bucket, or wherever else fsspec reaches, as a datastore."""

# ruff: noqa: D102 - the methods are documented in Datastore

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jlabel.datastores.database.address import PostgresAddress
from jlabel.datastores.label_version import FINAL
from jlabel.datastores.labelled_image import LabelledImage
from jlabel.datastores.local import LocalDatastore
from jlabel.datastores.remote.address import checked_url, has_secrets, local_places, remember_url, safe_options
from jlabel.datastores.remote.download import Downloads
from jlabel.datastores.remote.fetched_datastore import FetchedDatastore
from jlabel.datastores.remote.image_cache import ImageCache
from jlabel.datastores.remote.remote_studies import RemoteStudies
from jlabel.datastores.remote.sizes import parse_size
from jlabel.datastores.remote.store import ObjectStore
from jlabel.datastores.remote.uploads import upload_image
from jlabel.datastores.studies import StudiesFolder
from jlabel.errors import DatastoreError
from jlabel.progress import NO_PROGRESS, Progress


class RemoteDatastore(FetchedDatastore):
    """A datastore whose images and labels lie in a bucket, or wherever else fsspec reaches.

    The store has the layout of a studies folder: images as they are, the labels under ``labels/<tag>/``, their earlier
    versions under ``.jlabel/versions``. Copied to a disk, it is one. An image is downloaded when it is opened, to a
    cache that all processes share, and downloaded again when it was replaced; a label is saved once the store has it.
    Drafts, jobs and models are on this machine, and so is what else is known of the images (info, tags, scores), unless
    ``catalogue`` names a database that machines share.

    Args:
        url: Where the studies are, such as ``s3://bucket/scans``.
        cache: A folder for what is kept on this machine; the person's own folders of data and of caches if not given.
        cache_size: What images may take of the disk, such as ``"20 GB"``, or bytes. Images in use are not removed: the
            last one that was opened, and all that a training or an export reads.
        storage_options: What fsspec makes its file system with, such as ``{"profile": "lab"}``. Credentials are better
            left to the environment and the configuration files of the store's tools: those that are given here are
            written nowhere, and do not go with a job.
        name: Shown to users; if not given, the name given before, or the last part of the URL.
        author: Who saves labels here; the login name if not given.
        timeout: How many seconds to wait while another process on this machine writes.
        catalogue: Where the catalogue is, as for :class:`jlabel.LocalDatastore`: on a PostgreSQL server, machines share
            it. If not given, it is on this machine.

    Raises:
        DatastoreError: The store cannot be reached, denies access or has nothing there, or fsspec is not installed.

    Examples:
        >>> import fsspec
        >>> for file in studies.glob("*.nii.gz"):
        ...     fsspec.filesystem("memory").pipe(f"/example/{file.name}", file.read_bytes())
        >>> datastore = jlabel.RemoteDatastore("memory://example", cache=studies.parent / "cache", cache_size="1 GB")
        >>> datastore.list_images()
        ['case_0', 'case_1', 'case_2']
        >>> image = jlabel.read_image(datastore.get_image_uri("case_1"))
        >>> datastore.save_label("case_1", image.array > 70)
        'case_1'
        >>> fsspec.filesystem("memory").exists("/example/labels/final/case_1.nii.gz")
        True
        >>> datastore.close()
    """

    _studies: RemoteStudies

    def __init__(
        self,
        url: str,
        cache: Path | str | None = None,
        cache_size: int | str = "20 GB",
        storage_options: Mapping[str, Any] | None = None,
        name: str | None = None,
        author: str | None = None,
        timeout: float = 10.0,
        catalogue: str | Path | PostgresAddress | None = None,
    ) -> None:
        self._begin(url, cache, cache_size, storage_options or {})
        super().__init__(self._places.studies, name, author, timeout, catalogue)
        self._studies.check_writing()

    def _begin(self, url: str, cache: Path | str | None, cache_size: int | str, options: Mapping[str, Any]) -> None:
        self.url = checked_url(url)
        self._cache, self._cache_size = cache, parse_size(cache_size)
        self._options = dict(options)
        self._places = local_places(self.url, self._options, cache)
        self._looks, self._keeps = True, False

    def _open(
        self, folder: Path | str, timeout: float, catalogue: str | Path | PostgresAddress | None
    ) -> StudiesFolder:
        store = ObjectStore(self.url, self._options)
        before = self._places.studies.parent.exists()
        remember_url(self._places, self.url, self._options)
        cache = ImageCache(self._places.images, Downloads(store), self._cache_size)
        try:
            return RemoteStudies(self._places, store, cache, timeout, catalogue, self._looks)
        except BaseException:
            cache.close()
            if not before:
                # Nothing is left of studies that could not be opened at all.
                shutil.rmtree(self._places.studies.parent, ignore_errors=True)
            raise

    def __reduce__(self) -> tuple[Any, ...]:
        if has_secrets(self._options):
            raise DatastoreError(
                f"{self.url} was opened with credentials in storage_options: these do not go to the process of a job. "
                "Give them by the environment (AWS_PROFILE, AWS_ACCESS_KEY_ID …) or a configuration file of the "
                "store's tools, where the job finds them too"
            )
        options = safe_options(self._options)
        catalogue = None if self._studies.has_own_catalogue else self._catalogue.address
        places = (self.url, self._cache, self._cache_size, options)
        return _reopened, (*places, self._author, self._catalogue.timeout, catalogue)

    def __repr__(self) -> str:
        return f"RemoteDatastore({self.url!r})"

    def labelled_images(self, tag: str = FINAL) -> list[LabelledImage]:
        """See :meth:`Datastore.labelled_images`: they are downloaded, and kept until the datastore is closed."""
        self._studies.labels.bring_all(tag)
        return super().labelled_images(tag)

    def add_image(self, image_id: str | None, filename: Path | str, info: Mapping[str, Any] | None = None) -> str:
        """Upload an image file, or a folder of one DICOM series, and take it into the catalogue."""
        added = upload_image(self._studies, image_id, Path(filename))
        if info:
            self.update_image_info(added, info)
        return added

    def add_images(self, images: Iterable[tuple[str, Path]], progress: Progress = NO_PROGRESS) -> list[str]:
        added = []
        for image_id, file in images:
            progress.check()
            added.append(self.add_image(image_id, file))
        return added


def _reopened(
    url: str,
    cache: Path | str | None,
    cache_size: int,
    options: dict[str, Any],
    author: str | None,
    timeout: float,
    catalogue: Path | PostgresAddress | None,
) -> RemoteDatastore:
    """In the process of a job: the listing is that of whoever began it, and what it reads stays on this machine."""
    datastore = RemoteDatastore.__new__(RemoteDatastore)
    datastore._begin(url, cache, cache_size, options)
    datastore._looks, datastore._keeps = False, True
    LocalDatastore.__init__(datastore, datastore._places.studies, None, author, timeout, catalogue)
    return datastore
