"""Frames of videos: which ones, and what is refused."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from jlabel.errors import ImageError
from jlabel.imaging.formats.video import read_frames
from tests.imaging.formats.videos import SIZE, make_video


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five seconds of ten frames each."""
    return make_video(tmp_path_factory.mktemp("videos") / "clip.mp4")


@pytest.mark.parametrize(
    ("every", "start", "end", "numbers"),
    [
        (1.0, 0.0, None, [0, 10, 20, 30, 40]),
        (0.0, 0.0, 0.5, [0, 1, 2, 3, 4, 5]),
        (0.25, 1.0, 2.0, [10, 13, 15, 18, 20]),
        (1e-9, 4.7, None, [47, 48, 49]),
        (1.0, 9.0, None, []),
        (60.0, 0.0, None, [0]),
    ],
)
def test_the_frames_of_the_times_that_are_asked_for(
    video: Path, every: float, start: float, end: float | None, numbers: list[int]
) -> None:
    frames = list(read_frames(video, every, start, end))
    assert [frame.number for frame in frames] == numbers
    for frame in frames:
        assert frame.time == pytest.approx(frame.number / 10, abs=0.01)
        assert frame.pixels.shape == (*SIZE, 3)
        assert abs(float(frame.pixels[30:, 30:].mean()) - min(5 * frame.number, 200)) < 8


@pytest.mark.parametrize("ending", [".avi", ".mkv", ".mov"])
def test_other_files_of_videos(tmp_path: Path, ending: str) -> None:
    file = make_video(tmp_path / f"clip{ending}", 20)
    assert [frame.number for frame in read_frames(file, 1.0)] == [0, 10]


def test_a_video_that_was_filmed_on_its_side_is_turned_upright(tmp_path: Path) -> None:
    frame = next(read_frames(make_video(tmp_path / "clip.mp4", 2, clockwise=True)))
    assert frame.pixels.shape == (*SIZE[::-1], 3)
    assert frame.pixels[:12, -12:].min() > 200
    assert frame.pixels[:12, :12].max() < 50


def test_a_damaged_video_gives_the_frames_before(tmp_path: Path) -> None:
    whole = make_video(tmp_path / "clip.mkv", 100)
    content = whole.read_bytes()
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(content[: 2 * len(content) // 3])
    frames = list(read_frames(cut))
    assert 20 < len(frames) < 100
    assert np.array_equal(frames[5].pixels, list(read_frames(whole, end=0.6))[5].pixels)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no video",
        b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{secret}\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile {secret}\n",
    ],
    ids=["empty", "text", "playlist", "list of files"],
)
def test_what_is_no_video_is_named_and_opens_no_other_file(tmp_path: Path, video: Path, content: bytes) -> None:
    file = tmp_path / "scan.mp4"
    file.write_bytes(content.replace(b"{secret}", str(video).encode()))
    with pytest.raises(ImageError, match=r"scan.mp4: this is no video that can be read"):
        list(read_frames(file))


def test_without_pyav_it_says_what_to_install(video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ImageError, match=r"jlabel\[video\]"):
        list(read_frames(video))
