"""``jlabel add-video``."""

from __future__ import annotations

from pathlib import Path

from jlabel.datastores import LocalDatastore
from tests.cli.conftest import Jlabel
from tests.imaging.formats.videos import make_video


def test_frames_of_several_videos_become_images(jlabel: Jlabel, tmp_path: Path) -> None:
    studies = tmp_path / "studies"
    studies.mkdir()
    videos = [make_video(tmp_path / name, 30) for name in ("a.mp4", "b.mp4")]
    code, out, _ = jlabel("add-video", studies, *videos, "--every", "2", "--patient", "p 1")
    assert (code, out.splitlines()) == (
        0,
        [f"{name}.mp4: 2 frames, {name}/frame_000000 to {name}/frame_000020" for name in "ab"],
    )
    datastore = LocalDatastore(studies)
    assert set(datastore.patients().values()) == {"p 1"}
    datastore.close()


def test_what_is_no_video_is_one_line(jlabel: Jlabel, tmp_path: Path) -> None:
    (tmp_path / "studies").mkdir()
    (tmp_path / "notes.mp4").write_text("no video")
    code, _, said = jlabel("add-video", tmp_path / "studies", tmp_path / "notes.mp4")
    assert (code, said.count("\n")) == (1, 1)
    assert "notes.mp4: this is no video that can be read" in said
