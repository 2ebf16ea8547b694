"""What a server does wrong, or the way to it."""

from __future__ import annotations

import ipaddress
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import jlabel
from jlabel.dicomweb import DicomWebDatastore
from jlabel.errors import DatastoreError
from tests.dicomweb.conftest import Open
from tests.dicomweb.small_series import CASE, slices, uid
from tests.dicomweb.small_server import SmallServer


def is_series(path: str) -> bool:
    """Whether a whole series is asked for."""
    return path.endswith(f"/series/{uid('series', 'axial')}")


def test_the_listing_of_before_is_used_while_the_server_is_down(small: SmallServer, open_on: Open) -> None:
    datastore = open_on(small)
    datastore.get_image_uri(CASE)
    datastore.close()
    small.failing = lambda method, path: 503
    datastore = open_on(small)
    assert datastore.list_images() == [CASE]
    assert any("the series are those that were listed before" in note for note in datastore.notes())
    assert jlabel.read_image(datastore.get_image_uri(CASE)).shape[2] == 3  # from the cache
    small.failing = lambda method, path: None
    datastore.refresh()
    assert not any("listed before" in note for note in datastore.notes())


def test_a_server_that_was_never_reached_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatastoreError, match=r"http://127.0.0.1:9/dicom-web cannot be searched: Connection refused"):
        DicomWebDatastore("http://127.0.0.1:9/dicom-web", cache=tmp_path / "cache")
    assert [*(tmp_path / "cache").iterdir()] == []
    with pytest.raises(DatastoreError, match="is no address of a DICOMweb server"):
        DicomWebDatastore("http://")


def test_a_place_that_speaks_no_dicomweb_is_named(small: SmallServer, tmp_path: Path) -> None:
    with pytest.raises(DatastoreError, match="there is no DICOMweb at this address"):
        DicomWebDatastore(f"http://127.0.0.1:{small.port}/other", cache=tmp_path / "cache")


@pytest.mark.parametrize("failure", ["cut", 500])
def test_what_a_stream_of_a_series_does_not_give_is_fetched_one_by_one(
    small: SmallServer, open_on: Open, failure: int | str
) -> None:
    datastore = open_on(small)
    small.failing = lambda method, path: failure if is_series(path) else None
    image = jlabel.read_image(datastore.get_image_uri(CASE))
    assert [image.array[0, 0, k] for k in range(3)] == [-1000, -900, -800]


def test_a_series_is_fetched_as_a_whole_or_not_at_all(small: SmallServer, open_on: Open) -> None:
    datastore = open_on(small)
    last = uid("slice", "axial", 2)
    small.failing = lambda method, path: "cut" if is_series(path) or path.endswith(last) else None
    with pytest.raises(DatastoreError, match="See whether the server can be reached"):
        datastore.get_image_uri(CASE)
    assert not datastore.is_fetched(CASE)
    assert not list((datastore.folder.parent / "images").rglob("*.dcm"))
    small.failing = lambda method, path: None
    assert jlabel.read_image(datastore.get_image_uri(CASE)).shape[2] == 3


def test_a_series_without_headers_is_named_and_left_out(small: SmallServer, open_on: Open) -> None:
    small.put(*slices(2, "other", SeriesNumber=8))
    bad = uid("series", "other")
    small.failing = lambda method, path: 500 if bad in path and path.endswith("metadata") else None
    datastore = open_on(small)
    assert datastore.list_images() == [CASE]
    assert any(note.startswith("1 series are left out: P1/20240102_Thorax/8_other: ") for note in datastore.notes())
    small.failing = lambda method, path: None
    datastore.refresh()
    assert len(datastore.list_images()) == 2


def test_an_instance_that_was_exchanged_is_noticed(small: SmallServer, open_on: Open) -> None:
    datastore = open_on(small)
    small.remove(uid("slice", "axial", 2))
    small.put(*slices(1, first=3))  # the same count: the search tells no difference
    with pytest.raises(DatastoreError, match="is gone"):
        datastore.get_image_uri(CASE)
    datastore.refresh()
    with pytest.raises(jlabel.ImageError, match="unevenly spaced slices"):
        jlabel.read_image(datastore.get_image_uri(CASE))


def test_several_threads_fetch_an_image_once(small: SmallServer, open_on: Open) -> None:
    datastore = open_on(small)
    threads = [threading.Thread(target=datastore.get_image_uri, args=(CASE,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(is_series(one) for one in small.asked) == 1


def test_a_label_whose_process_is_killed_while_it_is_stored_is_stored_once(
    small: SmallServer, open_on: Open, tmp_path: Path
) -> None:
    arrived, go_on = threading.Event(), threading.Event()

    def hold(method: str, path: str) -> int | None:
        if method != "POST":
            return None
        arrived.set()
        go_on.wait(120)
        return 503

    small.failing = hold
    program = f"""
import numpy as np
from jlabel.dicomweb import DicomWebDatastore
datastore = DicomWebDatastore({small.url!r}, cache={str(tmp_path / "here")!r})
datastore.save_label({CASE!r}, np.ones((6, 8, 3), np.uint8))
"""
    with subprocess.Popen([sys.executable, "-c", program]) as process:
        assert arrived.wait(240)
        process.kill()
    go_on.set()
    assert small.datasets(Modality="SEG") == []
    small.failing = lambda method, path: None
    datastore = open_on(small)
    assert [one.current for one in datastore.label_history(CASE)] == [True]
    assert len(small.datasets(Modality="SEG")) == 1


def test_a_certificate_that_nobody_trusts_is_refused(small: SmallServer, tmp_path: Path) -> None:
    file = self_signed(tmp_path)
    small.encrypt(file)
    url = small.url.replace("http://", "dicomwebs://")
    with pytest.raises(DatastoreError, match=r"certificate is not trusted .* verify= is the file"):
        DicomWebDatastore(url, cache=tmp_path / "cache")
    datastore = DicomWebDatastore(url, cache=tmp_path / "cache", verify=str(file))
    assert datastore.list_images() == [CASE]
    datastore.close()
    with pytest.raises(DatastoreError, match="there is no such file"):
        DicomWebDatastore(url, cache=tmp_path / "cache", verify=str(tmp_path / "none.pem"))


def self_signed(folder: Path) -> Path:
    """A file with a certificate for 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    place = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(place, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "certificate.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


def test_without_the_library_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "dicomweb_client", None)
    with pytest.raises(DatastoreError, match=r"pip install 'jlabel\[dicomweb\]'"):
        DicomWebDatastore("http://127.0.0.1:9/dicom-web", cache=tmp_path / "cache")
