"""Archives that are not unpacked: those that would write elsewhere, hold links, or are far larger than they look."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import pytest

from jlabel.bundles.zoo import archive as module
from jlabel.bundles.zoo.archive import check_archive
from jlabel.errors import JlabelError

GOOD = {"b/configs/metadata.json": b"{}", "b/models/model.pt": b"abc", "b/docs/": b""}


def _zip(tmp_path: Path, files: dict[str, bytes], links: dict[str, str] | None = None, method: int = 0) -> Path:
    file = tmp_path / "b.zip"
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as packed:
        for name, content in {**GOOD, **files}.items():
            packed.writestr(zipfile.ZipInfo(name), content, method)
        for name, target in (links or {}).items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            packed.writestr(info, target)
    file.write_bytes(written.getvalue())
    return file


def test_a_bundle_is_let_through_with_its_size(tmp_path: Path) -> None:
    assert check_archive(_zip(tmp_path, {"b/a b/é.txt": b"12345"}), "b") == 10


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../evil", "outside its folder"),
        ("b/../../evil", "outside its folder"),
        ("/etc/evil", "outside its folder"),
        ("C:/evil", "outside its folder"),
        ("b\\..\\evil", "is no name"),
        ("b/a\nb", "is no name"),
        ("other/file", "does not lie in the folder b"),
        ("B/CONFIGS/METADATA.JSON", "does not lie in the folder b"),
        ("b/Models/MODEL.pt", "is in it twice"),
    ],
)
def test_names_that_lead_elsewhere(name: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(JlabelError, match=said):
        check_archive(_zip(tmp_path, {name: b"x"}), "b")


def test_links(tmp_path: Path) -> None:
    with pytest.raises(JlabelError, match="is a link or no regular file"):
        check_archive(_zip(tmp_path, {}, {"b/link": "/etc/passwd"}), "b")


def test_a_bomb(tmp_path: Path) -> None:
    file = _zip(tmp_path, {"b/zeros": bytes(32 << 20)}, method=zipfile.ZIP_DEFLATED)
    assert file.stat().st_size < 100_000
    with pytest.raises(JlabelError, match="nothing that a bundle holds is so"):
        check_archive(file, "b")


def test_too_much_and_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = _zip(tmp_path, {"b/a": b"12345"})
    monkeypatch.setattr(module, "MOST_BYTES", 9)
    with pytest.raises(JlabelError, match="has 10 bytes unpacked, and may have 9"):
        check_archive(file, "b")
    monkeypatch.setattr(module, "MOST_FILES", 3)
    with pytest.raises(JlabelError, match="holds 4 files, and may hold 3"):
        check_archive(file, "b")


def test_an_encrypted_one(tmp_path: Path) -> None:
    file = _zip(tmp_path, {})
    content = bytearray(file.read_bytes())
    directory = content.index(b"PK\x01\x02")
    content[directory + 8] |= 1
    file.write_bytes(bytes(content))
    with pytest.raises(JlabelError, match="is encrypted"):
        check_archive(file, "b")
