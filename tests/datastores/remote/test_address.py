"""URLs of studies, what of their options is kept, and the folders that they have on this machine."""

from __future__ import annotations

import pytest

from jlabel.datastores import LocalDatastore, RemoteDatastore
from jlabel.datastores.remote.address import (
    checked_url,
    has_secrets,
    is_url,
    local_places,
    remember_url,
    remembered_url,
    safe_options,
)
from jlabel.datastores.remote.sizes import parse_size
from jlabel.errors import DatastoreError
from jlabel.opening import open_studies, studies_place


def test_a_folder_is_no_url(tmp_path):
    assert is_url("s3://bucket/scans")
    assert not any(is_url(one) for one in ("scans", "/s3://x", "C:/scans", "file:///data/scans", tmp_path))
    assert studies_place("file:///data/my%20scans") == "/data/my scans"
    assert checked_url("s3://bucket/scans/") == "s3://bucket/scans"
    with open_local(tmp_path) as store:
        assert type(store) is LocalDatastore


def open_local(folder):
    import contextlib

    return contextlib.closing(open_studies(f"file://{folder}"))


def test_what_is_secret_is_left_out_of_options_at_any_depth():
    options = {
        "profile": "lab",
        "key_filename": "~/.ssh/id",
        "secret": "x",
        "client_kwargs": {"endpoint_url": "https://s3", "aws_session_token": "x"},
    }
    kept = {"profile": "lab", "key_filename": "~/.ssh/id", "client_kwargs": {"endpoint_url": "https://s3"}}
    assert safe_options(options) == kept
    assert has_secrets(options)
    assert not has_secrets(kept)


def test_stores_of_one_url_at_two_addresses_have_folders_of_their_own(tmp_path, monkeypatch):
    def place(**options):
        return local_places("s3://bucket/scans", options, tmp_path).studies

    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    assert place() == place(profile="lab")
    assert place() != place(endpoint_url="http://one") != place(client_kwargs={"endpoint_url": "http://two"})
    assert place().name == "scans"


def test_the_folder_on_this_machine_stands_for_the_url(s3, put, bucket, tmp_path):
    put(**{"a.png": b"not read here"})
    url = f"s3://{bucket}/scans"
    places = local_places(url, {})
    remember_url(places, url, {"secret": "x", "profile": "lab"})
    assert remembered_url(places.studies) == (url, {"profile": "lab"})
    remember_url(places, url, {})
    store = open_studies(places.studies)
    assert isinstance(store, RemoteDatastore)
    assert store.list_images() == ["a"]
    store.close()
    # A file of that name beside somebody else's studies says nothing.
    (tmp_path / "theirs" / "scans").mkdir(parents=True)
    (tmp_path / "theirs" / "url.json").write_text((places.studies.parent / "url.json").read_text())
    assert remembered_url(tmp_path / "theirs" / "scans") is None


def test_sizes_are_read_as_people_write_them():
    assert [parse_size(size) for size in ("20 GB", "1.5KiB", "7", 9, "1t")] == [20 * 10**9, 1536, 7, 9, 10**12]
    for wrong in ("many", "-1 GB", -1, True, None):
        with pytest.raises(DatastoreError, match="is no size"):
            parse_size(wrong)
