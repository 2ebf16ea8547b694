"""What a model zoo has: names, versions and checksums from its index, and what its files tell of each bundle.

An index is ``models/model_info.json`` of MONAI's model zoo, which ``monai.bundle`` reads too. Everything that comes
from it is text: nothing is run.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from jlabel.bundles.zoo import web
from jlabel.bundles.zoo.licence import licence_in_short
from jlabel.errors import JlabelError

INDEX = "https://raw.githubusercontent.com/Project-MONAI/model-zoo/dev/models/model_info.json"
#: Another index, such as a hospital's mirror.
INDEX_VARIABLE = "JLABEL_MODEL_ZOO"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_ENTRY = re.compile(rf"(?P<name>{NAME.pattern}?)_v(?P<version>[0-9][A-Za-z0-9.+-]{{0,39}})")
_MOST_INDEX, _MOST_FILE = 32 << 20, 4 << 20
_AT_ONCE = 8


@dataclass(frozen=True)
class ZooBundle:
    """A version of a bundle that can be had.

    Attributes:
        name: Its name.
        version: Its version.
        address: Of its archive.
        checksum: Of its archive, in hexadecimal digits: MD5, SHA-1 or SHA-256, as long as it is; ``""`` if not known.
    """

    name: str
    version: str
    address: str
    checksum: str


@dataclass(frozen=True)
class ZooDetails:
    """What the zoo tells of a bundle; None where it does not, or was not reached.

    Attributes:
        task: What the bundle does.
        licence: Its licence in a few words.
        bytes: The size of its archive.
    """

    task: str | None
    licence: str | None
    bytes: int | None


def index_address() -> str:
    """The index in use: that of MONAI's model zoo, or the one that ``JLABEL_MODEL_ZOO`` names."""
    return os.environ.get(INDEX_VARIABLE) or INDEX


def read_index(address: str | None = None) -> list[ZooBundle]:
    """All versions of all bundles of a model zoo, by name, the newest first.

    Args:
        address: Of the index; :func:`index_address` if not given.

    Raises:
        Unreachable: There is no connection.
        JlabelError: The server refuses, or what lies there is no index.
    """
    address = address or index_address()
    content = web.read_json(address, _MOST_INDEX)
    if not isinstance(content, dict):
        raise JlabelError(f"{address} is no index of a model zoo: a mapping was expected")
    bundles = [bundle for key, row in content.items() if (bundle := _bundle(key, row)) is not None]
    if content and not bundles:
        raise JlabelError(f"{address} is no index of a model zoo: it names no archive")
    return sorted(bundles, key=lambda one: (one.name.lower(), [-part for part in version_key(one.version)]))


def newest(bundles: Iterable[ZooBundle]) -> list[ZooBundle]:
    """Of each name the newest version."""
    first: dict[str, ZooBundle] = {}
    for bundle in bundles:
        kept = first.setdefault(bundle.name, bundle)
        if version_key(bundle.version) > version_key(kept.version):
            first[bundle.name] = bundle
    return list(first.values())


def version_key(version: str) -> tuple[int, ...]:
    """What versions are ordered by: 0.10.0 is newer than 0.9.2."""
    numbers = [int(part) for part in re.findall(r"\d+", version)[:6]]
    return (*numbers, *[0] * (6 - len(numbers)))


def read_details(bundles: Iterable[ZooBundle], address: str | None = None) -> dict[ZooBundle, ZooDetails]:
    """What the zoo's files tell of bundles, asked for at once.

    Args:
        bundles: Which.
        address: Of the index; their files lie beside it.
    """
    folder = (address or index_address()).rpartition("/")[0]
    wanted = list(bundles)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return dict(zip(wanted, pool.map(lambda bundle: _details(bundle, folder), wanted), strict=True))


def _bundle(key: str, row: Any) -> ZooBundle | None:
    """An entry of the index; None where it is none, so that one odd entry does not hide the others."""
    found = _ENTRY.fullmatch(key)
    if found is None or not isinstance(row, dict) or not isinstance(row.get("source"), str):
        return None
    checksum = str(row.get("checksum", "")).lower()
    known = re.fullmatch(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}", checksum)
    return ZooBundle(found["name"], found["version"], row["source"], checksum if known else "")


def _details(bundle: ZooBundle, folder: str) -> ZooDetails:
    metadata = _known(lambda: web.read_json(f"{folder}/{bundle.name}/configs/metadata.json", _MOST_FILE))
    task = metadata.get("task") if isinstance(metadata, dict) else None
    text = _known(lambda: web.read(f"{folder}/{bundle.name}/LICENSE", _MOST_FILE))
    licence = None if text is None else licence_in_short(text.decode("utf-8", "replace"))
    return ZooDetails(task if isinstance(task, str) else None, licence, _known(lambda: web.size(bundle.address)))


def _known(ask: Any) -> Any:
    try:
        return ask()
    except JlabelError:
        return None
