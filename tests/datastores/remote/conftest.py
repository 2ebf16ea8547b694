"""An S3 server on this machine, and buckets of small studies."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import fsspec
import pytest
from moto.server import ThreadedMotoServer

from jlabel.datastores import RemoteDatastore
from tests.datastores.remote.fault_proxy import FaultProxy

Open = Callable[..., RemoteDatastore]


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of an S3 server."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(s3_server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """A client of the server; credentials are where the tools of S3 look for them."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "an-id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret-that-nobody-sees")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    client = boto3.client("s3")
    yield client
    client.close()


@pytest.fixture
def bucket(s3: Any) -> str:
    """An empty bucket."""
    name = f"bucket-{secrets.token_hex(4)}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def put(s3: Any, bucket: str) -> Callable[..., None]:
    """Uploads objects to ``scans`` in the bucket."""

    def upload(**objects: bytes) -> None:
        for name, content in objects.items():
            s3.put_object(Bucket=bucket, Key=f"scans/{name}", Body=content)

    return upload


@pytest.fixture
def get(s3: Any, bucket: str) -> Callable[[str], bytes]:
    """Gives the bytes of an object below ``scans``."""
    return lambda name: s3.get_object(Bucket=bucket, Key=f"scans/{name}")["Body"].read()


@pytest.fixture
def keys(s3: Any, bucket: str) -> Callable[[str], list[str]]:
    """Lists the objects below ``scans``."""

    def listed(below: str = "") -> list[str]:
        found = s3.list_objects_v2(Bucket=bucket, Prefix=f"scans/{below}").get("Contents", [])
        return [one["Key"].removeprefix("scans/") for one in found]

    return listed


@pytest.fixture
def open_remote(bucket: str, tmp_path: Path) -> Iterator[Open]:
    """Opens datastores of ``scans`` in the bucket, each machine with a folder of its own, and closes them."""
    opened: list[RemoteDatastore] = []

    def opener(machine: str = "here", url: str = f"s3://{bucket}/scans", **options: Any) -> RemoteDatastore:
        opened.append(RemoteDatastore(url, cache=tmp_path / machine, **options))
        return opened[-1]

    yield opener
    for store in opened:
        store.close()


@pytest.fixture
def proxy(s3_server: str, s3: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultProxy]:
    """What stands between jlabel and the server; datastores that are opened after it go through it."""
    with FaultProxy(s3_server) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.address)
        yield proxy


@pytest.fixture
def empty_memory() -> Iterator[None]:
    """Nothing of another test lies in fsspec's memory."""
    yield
    system = fsspec.filesystem("memory")
    system.store.clear()
    system.pseudo_dirs[:] = [""]
