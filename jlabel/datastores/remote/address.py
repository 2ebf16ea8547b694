"""The address of studies that lie elsewhere, and where on this machine what belongs to them is kept."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jlabel.errors import DatastoreError
from jlabel.files.atomic import atomic_write
from jlabel.files.json_values import parse_json

_URL = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]+)://")
_SECRET = re.compile(r"key|secret|token|passw|passphrase|credential|sas|auth|headers|cookies|pkey", re.IGNORECASE)
_NO_SECRET = {"key_filename", "authority", "auth_type"}
_NAME = re.compile(r"[^A-Za-z0-9_-]+")
# What tells two stores apart that have the same URL.
_PLACES = ("endpoint_url", "host", "port", "account_name", "project")
_FILE = "url.json"


@dataclass(frozen=True)
class LocalPlaces:
    """Where what belongs to studies elsewhere is kept on this machine.

    Attributes:
        studies: A studies folder: the catalogue, labels, drafts, jobs and models, and the listing of the images.
        images: The cache of images that were opened.
    """

    studies: Path
    images: Path


def is_url(studies: object) -> bool:
    """Whether studies are given by a URL that is not one of a folder (``file://``)."""
    found = _URL.match(studies) if isinstance(studies, str) else None
    return found is not None and found["scheme"] not in ("file", "local")


def checked_url(url: str) -> str:
    """The URL without a slash at its end.

    Raises:
        DatastoreError: It is none, or it holds a password or a signature.
    """
    if not is_url(url):
        raise DatastoreError(f"{url!r} is no URL of studies, such as s3://bucket/scans")
    parts = urlsplit(url)
    if parts.password or parts.query or parts.fragment:
        raise DatastoreError(
            f"the URL of studies on {parts.hostname} holds a password or a query: what is secret is not kept with "
            "studies. Leave it out, and give the credentials by the environment or a configuration file of the store's "
            "own tools, or by storage_options"
        )
    return url if url.endswith("://") else url.rstrip("/") if not url.rstrip("/").endswith(":") else url


def safe_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options without those that may be secret, at any depth."""
    return {
        str(name): safe_options(value) if isinstance(value, Mapping) else value
        for name, value in options.items()
        if name in _NO_SECRET or not _SECRET.search(str(name))
    }


def has_secrets(options: Mapping[str, Any]) -> bool:
    """Whether :func:`safe_options` leaves anything out."""
    return any(
        (name not in _NO_SECRET and _SECRET.search(str(name)) is not None)
        or (isinstance(value, Mapping) and has_secrets(value))
        for name, value in options.items()
    )


def local_places(url: str, options: Mapping[str, Any], cache: Path | str | None = None) -> LocalPlaces:
    """Where studies elsewhere have their folders: in the person's folders of data and of caches, or both in ``cache``.

    Labels, drafts and models are no cache: they are where nothing clears away.
    """
    name = _NAME.sub("_", url.rstrip("/").rpartition("/")[2])[:40] or "studies"
    place = "\0".join((url, _endpoint(url, options)))
    key = f"{name}-{hashlib.sha256(place.encode()).hexdigest()[:12]}"
    if cache is not None:
        top = Path(cache).expanduser().absolute() / key
        return LocalPlaces(top / name, top / "images")
    return LocalPlaces(_data_top() / key / name, _cache_top() / key)


def remember_url(places: LocalPlaces, url: str, options: Mapping[str, Any]) -> None:
    """Make the folders, and write the URL beside that of the studies, with the options that are not secret.

    Raises:
        DatastoreError: They cannot be made.
    """
    text = json.dumps({"url": url, "storage_options": safe_options(options)}, default=str)
    file = places.studies.parent / _FILE
    try:
        places.studies.mkdir(parents=True, exist_ok=True)
        places.images.mkdir(parents=True, exist_ok=True)
        if file.is_file() and file.read_text(encoding="utf-8") == text:
            return
    except OSError as error:
        raise DatastoreError(f"{error.filename}: the local folder of {url} cannot be made: {error.strerror}") from error
    atomic_write(file, lambda out: out.write(text.encode()))


def remembered_url(folder: Path | str) -> tuple[str, dict[str, Any]] | None:
    """The URL, and the options, of the studies that a folder is the local part of; None for any other folder.

    Only folders in the person's own folder of data are looked at: what lies beside others' studies says nothing.
    """
    folder = Path(folder).absolute()
    if folder.parent.parent != _data_top():
        return None
    try:
        kept = parse_json((folder.parent / _FILE).read_text(encoding="utf-8"))
        url, options = checked_url(kept["url"]), kept["storage_options"]
    except (OSError, ValueError, TypeError, KeyError, DatastoreError):
        return None
    return (url, options) if isinstance(options, dict) else None


def _endpoint(url: str, options: Mapping[str, Any]) -> str:
    client = options.get("client_kwargs")
    nested = client if isinstance(client, Mapping) else {}
    given = [str(options.get(name) or nested.get(name) or "") for name in _PLACES]
    if not given[0] and url.startswith("s3"):
        given[0] = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
    return "\0".join(given)


def _data_top() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_path("jlabel")) / "remote"


def _cache_top() -> Path:
    import platformdirs

    return Path(platformdirs.user_cache_path("jlabel")) / "remote"
