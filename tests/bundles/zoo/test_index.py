"""The index of a model zoo: names, versions, what is told of each, and what is no index."""

from __future__ import annotations

import pytest

from jlabel.bundles.zoo.download import find
from jlabel.bundles.zoo.index import ZooBundle, ZooDetails, newest, read_details, read_index, version_key
from jlabel.errors import JlabelError
from tests.bundles.zoo.conftest import Zoo


def test_it_lists_names_and_versions_the_newest_first(zoo: Zoo) -> None:
    for version in ("0.9.2", "0.10.0", "0.2"):
        zoo.add("spleen", version)
    zoo.add("liver_v2_tumour", "1.0.0")
    assert [(one.name, one.version) for one in read_index()] == [
        ("liver_v2_tumour", "1.0.0"),
        ("spleen", "0.10.0"),
        ("spleen", "0.9.2"),
        ("spleen", "0.2"),
    ]
    assert [one.version for one in newest(read_index())] == ["1.0.0", "0.10.0"]


def test_versions_are_numbers_and_not_texts() -> None:
    assert sorted(["0.10.0", "0.9.2", "1.0", "0.10.0.1"], key=version_key) == ["0.9.2", "0.10.0", "0.10.0.1", "1.0"]


def test_details_come_from_the_files_beside_the_index(zoo: Zoo) -> None:
    zoo.add("spleen", "0.5.9")
    (bundle,) = read_index()
    size = len(zoo.files["/files/spleen_v0.5.9.zip"])
    assert read_details([bundle]) == {bundle: ZooDetails("Decathlon spleen segmentation", "Apache-2.0", size)}
    assert zoo.begun() == []


def test_a_server_that_knows_no_ranges_tells_a_size_too(zoo: Zoo) -> None:
    zoo.ranges = False
    zoo.add("spleen", "0.5.9")
    (details,) = read_details(read_index()).values()
    assert details.bytes == len(zoo.files["/files/spleen_v0.5.9.zip"])


def test_a_detail_that_is_not_to_be_had_is_left_open(zoo: Zoo) -> None:
    zoo.add("spleen", "0.5.9")
    (bundle,) = read_index()
    for path in [path for path in zoo.files if "spleen" in path]:
        del zoo.files[path]
    assert read_details([bundle]) == {bundle: ZooDetails(None, None, None)}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "holds no valid JSON"),
        (b"\xff", "holds no valid JSON"),
        (b"[]", "a mapping was expected"),
        (b'{"x": 1}', "it names no archive"),
        (b"[" * 100_000, "holds no valid JSON"),
    ],
)
def test_what_is_no_index_is_told(content: bytes, said: str, zoo: Zoo) -> None:
    zoo.files["/models/model_info.json"] = content
    with pytest.raises(JlabelError, match=said):
        read_index()


def test_an_odd_entry_hides_no_other(zoo: Zoo) -> None:
    zoo.index = {
        "../evil_v1.0": {"source": "http://x/y"},
        "a_v1.0": 5,
        "b_v1.0": {},
        "noversion": {"source": "http://x"},
    }
    zoo.index["c_v1.0"] = {"source": "http://x/c.zip", "checksum": "short"}
    zoo.add("spleen", "0.5.9")
    assert [one.name for one in read_index()] == ["c", "spleen"]
    assert read_index()[0] == ZooBundle("c", "1.0", "http://x/c.zip", "")


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(JlabelError, match=r"127\.0\.0\.1:9 cannot be reached"):
        read_index("http://127.0.0.1:9/model_info.json")


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://x/y", "/etc/passwd", "http://", "http://[", ""])
def test_an_address_is_one_of_the_web(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if address:
        with pytest.raises(JlabelError, match="is no address that begins with https"):
            read_index(address)


def test_a_bundle_is_found_by_name_and_version(zoo: Zoo) -> None:
    zoo.add("spleen_ct", "0.9.0")
    zoo.add("spleen_ct", "0.10.0")
    assert find("spleen_ct").version == "0.10.0"
    assert find("spleen_ct", "0.9.0").version == "0.9.0"
    with pytest.raises(JlabelError, match=r"did you mean spleen_ct\?"):
        find("spleen_mr")
    with pytest.raises(JlabelError, match=r"no version '3' of spleen_ct: there is 0\.10\.0, 0\.9\.0"):
        find("spleen_ct", "3")
