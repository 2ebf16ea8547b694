"""Downloads: whole or not at all, gone on with, checked, and nothing of them run."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path

import pytest

from jlabel.bundles.zoo import resuming
from jlabel.bundles.zoo.download import Downloaded, download, find
from jlabel.bundles.zoo.index import ZooBundle, read_index
from jlabel.errors import JlabelError
from tests.bundles.zoo.conftest import Zoo, answer, archive, bundle_archive, cut_after

NAME, VERSION = "spleen", "0.5.9"
PART = f".{NAME}_v{VERSION}.zip.part"


def _download(folder: Path) -> Downloaded:
    return download(find(NAME), folder, lambda done, total: None)


def _error(folder: Path) -> str:
    with pytest.raises(JlabelError) as raised:
        _download(folder)
    assert not (folder / NAME).exists()
    return str(raised.value)


def _left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_is_put_in_its_place_whole_and_nothing_of_it_runs(zoo: Zoo, tmp_path: Path) -> None:
    zoo.add(NAME, VERSION)
    reports: list[tuple[int, int | None]] = []
    folder = tmp_path / "new folder é" / "bundles"
    done = download(find(NAME), folder, lambda *seen: reports.append(seen))
    size = len(zoo.files[f"/files/{NAME}_v{VERSION}.zip"])
    assert (done.new, done.checked, done.bundle.version, done.bundle.licence) == (True, True, VERSION, "Apache-2.0")
    assert done.bundle.path == folder / NAME
    assert (folder / NAME / "models" / "model.pt").read_bytes() == bytes(range(256)) * 2000
    assert _left(folder) == [NAME]
    assert reports[0] == (0, size)
    assert reports[-1] == (size, size)


def test_what_is_there_is_not_asked_for_again(zoo: Zoo, tmp_path: Path) -> None:
    zoo.add(NAME, VERSION)
    _download(tmp_path)
    assert not _download(tmp_path).new
    assert zoo.begun() == [0]


def test_another_version_that_is_there_is_kept(zoo: Zoo, tmp_path: Path) -> None:
    zoo.add(NAME, VERSION)
    _download(tmp_path)
    zoo.add(NAME, "0.6.0")
    with pytest.raises(JlabelError, match=r"version 0\.5\.9 is there; remove it first"):
        _download(tmp_path)
    assert (tmp_path / NAME / "configs" / "metadata.json").exists()


def test_something_else_of_that_name_is_kept(zoo: Zoo, tmp_path: Path) -> None:
    zoo.add(NAME, VERSION)
    (tmp_path / NAME).symlink_to("/nowhere")
    with pytest.raises(JlabelError, match="something is there"):
        _download(tmp_path)
    assert (tmp_path / NAME).is_symlink()


def test_a_connection_that_breaks_off_is_gone_on_with_at_once(zoo: Zoo, tmp_path: Path) -> None:
    zoo.add(NAME, VERSION)
    zoo.faults = [cut_after(100_000), cut_after(50_000)]
    assert _download(tmp_path).checked
    assert zoo.begun() == [0, 100_000, 150_000]


def test_one_that_breaks_off_for_good_is_gone_on_with_the_next_time(zoo: Zoo, tmp_path: Path) -> None:
    zoo.add(NAME, VERSION)
    zoo.faults = [cut_after(100_000), cut_after(0)]
    assert "broke off after 100,000 of" in _error(tmp_path)
    assert (tmp_path / PART).stat().st_size == 100_000
    assert _download(tmp_path).checked
    assert zoo.begun() == [0, 100_000, 100_000]
    assert _left(tmp_path) == [NAME]


def test_a_server_that_knows_no_ranges_sends_all_again(zoo: Zoo, tmp_path: Path) -> None:
    zoo.add(NAME, VERSION)
    zoo.ranges = False
    (tmp_path / PART).write_bytes(b"x" * 1000)
    assert _download(tmp_path).checked


def test_a_rest_of_another_file_is_begun_anew(zoo: Zoo, tmp_path: Path) -> None:
    zoo.add(NAME, VERSION)
    (tmp_path / PART).write_bytes(b"x" * 1000)
    assert _download(tmp_path).checked
    assert zoo.begun() == [1000, 0]


def test_all_of_it_that_was_not_unpacked_yet_is_taken(zoo: Zoo, tmp_path: Path) -> None:
    zoo.add(NAME, VERSION)
    (tmp_path / PART).write_bytes(zoo.files[f"/files/{NAME}_v{VERSION}.zip"])
    assert _download(tmp_path).checked


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256"])
def test_checksums_of_three_kinds(algorithm: str, zoo: Zoo, tmp_path: Path) -> None:
    content = bundle_archive()
    zoo.add(NAME, VERSION, content, hashlib.new(algorithm, content).hexdigest().upper())
    assert _download(tmp_path).checked


def test_a_wrong_checksum_is_refused_and_what_came_removed(zoo: Zoo, tmp_path: Path) -> None:
    zoo.add(NAME, VERSION, checksum="0" * 40)
    assert "its SHA1 is another one" in _error(tmp_path)
    assert (tmp_path / PART).stat().st_size == 0


def test_without_a_checksum_it_says_so(zoo: Zoo, tmp_path: Path) -> None:
    zoo.add(NAME, VERSION, checksum="")
    assert not _download(tmp_path).checked


@pytest.mark.parametrize(("status", "said"), [(404, "404"), (403, "403"), (500, "500")])
def test_a_server_that_refuses_is_quoted(status: int, said: str, zoo: Zoo, tmp_path: Path) -> None:
    zoo.add(NAME, VERSION)
    zoo.faults = [answer(status)]
    assert f"the server says {said}" in _error(tmp_path)


def test_a_server_that_says_a_shorter_length_than_there_is(zoo: Zoo, tmp_path: Path) -> None:
    zoo.add(NAME, VERSION)
    content = zoo.files[f"/files/{NAME}_v{VERSION}.zip"]
    zoo.faults = [answer(200, content, Content_Length="1000")]
    assert "is not what the index of the zoo says" in _error(tmp_path)


def test_a_server_that_says_a_longer_length_than_there_is(zoo: Zoo, tmp_path: Path) -> None:
    zoo.add(NAME, VERSION)
    content = zoo.files[f"/files/{NAME}_v{VERSION}.zip"]

    def longer(handler: object, _: bytes) -> None:
        answer(200, content, Content_Length=str(len(content) + 5))(handler, b"")  # type: ignore[arg-type]
        handler.close_connection = True  # type: ignore[attr-defined]

    zoo.faults = [longer]
    assert _download(tmp_path).checked  # all that there is has come, and its checksum is right


def test_a_server_that_sends_another_part(zoo: Zoo, tmp_path: Path) -> None:
    zoo.add(NAME, VERSION)
    (tmp_path / PART).write_bytes(b"x" * 1000)
    zoo.faults = [answer(206, b"abc", Content_Range="bytes 5-7/9")]
    assert "another part of the file" in _error(tmp_path)


def test_a_full_disk_keeps_what_has_come(zoo: Zoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zoo.add(NAME, VERSION)
    (tmp_path / PART).write_bytes(zoo.files[f"/files/{NAME}_v{VERSION}.zip"][:5000])

    def full(descriptor: int, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(resuming, "write_all", full)
        assert "the disk is full; what has come stays in" in _error(tmp_path)
    assert _download(tmp_path).checked
    assert zoo.begun() == [5000, 5000]


def test_too_little_space_is_told_before_anything_comes(
    zoo: Zoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoo.add(NAME, VERSION)
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(resuming.shutil, "disk_usage", lambda _: usage)
    assert "has 1,000 bytes free" in _error(tmp_path)
    assert (tmp_path / PART).stat().st_size == 0


def test_a_person_who_stops_it_goes_on_later(zoo: Zoo, tmp_path: Path) -> None:
    zoo.add(NAME, VERSION)

    def stop(done: int, total: int | None) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(find(NAME), tmp_path, stop)
    come = (tmp_path / PART).stat().st_size
    assert come > 0
    assert _download(tmp_path).checked
    assert _left(tmp_path) == [NAME]


def test_a_stop_while_it_is_unpacked_leaves_nothing_half(
    zoo: Zoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import monai.bundle

    zoo.add(NAME, VERSION)

    def stop(name: str, bundle_dir: Path, **_: object) -> None:
        (bundle_dir / name).mkdir()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(monai.bundle, "download", stop)
        with pytest.raises(KeyboardInterrupt):
            _download(tmp_path)
    assert _left(tmp_path) == [PART]
    assert _download(tmp_path).checked


def test_two_at_once_do_not_mix(zoo: Zoo, tmp_path: Path) -> None:
    zoo.add(NAME, VERSION)
    with resuming._one_at_a_time(tmp_path / PART):
        assert "is being downloaded by another process" in _error(tmp_path)
    assert _download(tmp_path).checked


@pytest.mark.parametrize(
    "content",
    [b"no archive at all", b"", archive({"other/configs/metadata.json": b"{}"}), archive({f"{NAME}/x": b""})],
)
def test_what_is_no_bundle_is_removed(content: bytes, zoo: Zoo, tmp_path: Path) -> None:
    zoo.add(NAME, VERSION, content)
    assert "the archive of spleen" in _error(tmp_path)
    assert _left(tmp_path) == []


def test_an_archive_whose_bytes_are_damaged(zoo: Zoo, tmp_path: Path) -> None:
    content = bytearray(bundle_archive())
    at = bytes(content).index(bytes(range(200, 250)))
    content[at] ^= 0xFF
    zoo.add(NAME, VERSION, bytes(content))
    assert "cannot be unpacked: Bad CRC-32" in _error(tmp_path)


def test_a_folder_that_cannot_be_written(zoo: Zoo, tmp_path: Path) -> None:
    zoo.add(NAME, VERSION)
    (tmp_path / "file").write_text("")
    with pytest.raises(JlabelError, match="cannot be put into"):
        _download(tmp_path / "file" / "below")


def test_an_archive_elsewhere_is_only_asked_for_by_http(zoo: Zoo, tmp_path: Path) -> None:
    zoo.add(NAME, VERSION)
    (bundle,) = read_index()
    with pytest.raises(JlabelError, match="is no address"):
        download(ZooBundle(NAME, VERSION, "file:///etc/passwd", bundle.checksum), tmp_path, lambda *_: None)
