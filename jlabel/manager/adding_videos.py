"""Videos: frames of them become images."""

from __future__ import annotations

from pathlib import Path

from jlabel.exchange.video_frames import add_frames
from jlabel.manager.manager_base import ManagerBase
from jlabel.progress import NO_PROGRESS, Progress


class AddingVideos(ManagerBase):
    """Frames of videos as images; see :class:`jlabel.AppManager`."""

    def add_video(
        self,
        file: Path | str,
        every: float = 1.0,
        start: float = 0.0,
        end: float | None = None,
        *,
        name: str | None = None,
        patient: str | None = None,
        progress: Progress = NO_PROGRESS,
    ) -> list[str]:
        """Add frames of a video to the images, as PNG files in a folder of the studies that has the video's name.

        The info of each says its ``video``, ``frame`` (counted from 0), ``time`` in seconds, and ``patient``: of images
        that a strategy chooses together no two are of one patient while another waits. Frames that are there stay as
        they are, so a second call with smaller steps adds those between. ``pip install "jlabel[video]"`` brings what it
        needs.

        Args:
            file: A video (MP4, MOV, AVI, MKV, WebM, MPEG, WMV …).
            every: Seconds from one frame to the next; 0 for all frames.
            start: The time of the first one, in seconds.
            end: The time of the last one; the end of the video if not given.
            name: Of the folder; the video's own if not given.
            patient: Whose it is; the folder's name if not given.
            progress: Can cancel it; frames that were added stay.

        Returns:
            The ids of the frames.

        Raises:
            DatastoreError: There is no such file, the times make no sense, or the images cannot be written.
            ImageError: PyAV is missing, the file is no video, or it is damaged: the frames before that are added.
            Cancelled: ``progress`` cancelled it.
        """
        return add_frames(self.datastore, Path(file).expanduser(), every, start, end, name, patient, progress)
