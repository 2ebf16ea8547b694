"""Frames of a video become images of a studies folder."""

from __future__ import annotations

from pathlib import Path

import pytest

import jlabel
from jlabel.errors import DatastoreError, ImageError
from tests.imaging.formats.videos import SIZE, make_video


@pytest.fixture
def manager(tmp_path: Path) -> jlabel.AppManager:
    (tmp_path / "studies").mkdir()
    manager = jlabel.AppManager(jlabel.EndoscopyApp(tmp_path / "studies", ["polyp"]), device="cpu")
    yield manager
    manager.close()


def test_frames_are_images_that_know_where_they_come_from(manager: jlabel.AppManager, tmp_path: Path) -> None:
    video = make_video(tmp_path / "clip.mp4")
    ids = manager.add_video(video, every=2)
    assert ids == ["clip/frame_000000", "clip/frame_000020", "clip/frame_000040"]
    assert manager.datastore.list_images() == ids
    image = manager.image(ids[1])
    assert (image.shape, image.channels) == (SIZE, "rgb")
    known = manager.datastore.get_image_info(ids[1])
    assert {key: known[key] for key in ("video", "frame", "time", "patient")} == {
        "video": "clip.mp4",
        "frame": 20,
        "time": 2.0,
        "patient": "clip",
    }


def test_smaller_steps_add_the_frames_between_and_keep_labels(manager: jlabel.AppManager, tmp_path: Path) -> None:
    video = make_video(tmp_path / "clip.mp4")
    first = manager.add_video(video, every=2)
    manager.save_label(first[0], manager.image(first[0]).array[..., 0] > 200)
    before = [Path(manager.datastore.get_image_uri(one)).stat().st_mtime_ns for one in first]
    ids = manager.add_video(video, every=1)
    assert len(ids) == 5
    assert [Path(manager.datastore.get_image_uri(one)).stat().st_mtime_ns for one in first] == before
    assert manager.datastore.get_labeled_images() == first[:1]


def test_a_batch_has_no_two_frames_of_one_video_while_another_waits(manager: jlabel.AppManager, tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        manager.add_video(make_video(tmp_path / f"{name}.mp4"))
    chosen = manager.next_images("typiclust", k=3)
    assert {choice.image_id.partition("/")[0] for choice in chosen} == {"a", "b", "c"}


def test_of_a_video_that_is_damaged_the_frames_before_are_kept(
    manager: jlabel.AppManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jlabel.exchange import video_frames

    def cut(*_: object) -> object:
        yield from list(read(tmp_path / "clip.mp4", 1.0))[:3]
        raise ImageError(tmp_path / "clip.mp4", "it is damaged after 2.1 s")

    read = video_frames.read_frames
    make_video(tmp_path / "clip.mp4")
    monkeypatch.setattr(video_frames, "read_frames", cut)
    with pytest.raises(ImageError, match=r"damaged after 2.1 s; 3 frames before that are images now"):
        manager.add_video(tmp_path / "clip.mp4")
    assert len(manager.datastore.list_images()) == 3


@pytest.mark.parametrize("times", [{"every": -1}, {"every": float("nan")}, {"start": -1}, {"start": 3, "end": 2}])
def test_times_that_make_no_sense(manager: jlabel.AppManager, tmp_path: Path, times: dict[str, float]) -> None:
    with pytest.raises(DatastoreError, match="there are none such in a video"):
        manager.add_video(make_video(tmp_path / "clip.mp4", 2), **times)


def test_a_video_that_is_not_there(manager: jlabel.AppManager, tmp_path: Path) -> None:
    with pytest.raises(DatastoreError, match=r"there is no video .*gone.mp4"):
        manager.add_video(tmp_path / "gone.mp4")


def test_a_frame_whose_origin_was_not_noted_before_a_kill_gets_it(manager: jlabel.AppManager, tmp_path: Path) -> None:
    video = make_video(tmp_path / "clip.mp4")
    first, *_ = manager.add_video(video, every=2)
    manager.datastore.update_image_info(first, dict.fromkeys(("video", "patient", "frame", "time")))
    manager.add_video(video, every=2)
    assert manager.datastore.get_image_info(first)["patient"] == "clip"
