"""``jlabel add-video``: frames of videos become images of the studies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jlabel.cli.options import Studies


def add_video(
    studies: Studies,
    videos: Annotated[list[Path], typer.Argument(metavar="VIDEO…", help="The files of videos.")],
    every: Annotated[
        float, typer.Option("--every", metavar="SECONDS", help="From one frame to the next; 0 for all frames.")
    ] = 1.0,
    start: Annotated[float, typer.Option("--start", metavar="SECONDS", help="The time of the first frame.")] = 0.0,
    end: Annotated[
        float | None, typer.Option("--end", metavar="SECONDS", help="The time of the last one; the end if not given.")
    ] = None,
    patient: Annotated[
        str, typer.Option("--patient", metavar="NAME", help="Whose they are; each video's name if not given.")
    ] = "",
) -> None:
    """Add frames of videos to the images, in a folder of the studies for each video.

    Frames that are there already stay as they are. It needs pip install "jlabel[video]".
    """
    from jlabel.exchange.video_frames import add_frames
    from jlabel.opening import open_studies

    datastore = open_studies(studies)
    try:
        for video in videos:
            file = video.expanduser()
            ids = add_frames(datastore, file, every, start, end, patient=patient or None)
            typer.echo(f"{file.name}: {len(ids):,} frames, {ids[0]} to {ids[-1]}" if ids else f"{file.name}: no frames")
    finally:
        datastore.close()
