"""The 3D view's needs, sent to the page that asks for them: its script, the labels' surfaces, the volume."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import Cancelled, JlabelError
from jlabel.imaging.rendering.overview import Overview, overview
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.features.label_surfaces import KnownSurface, LabelSurfaces
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol.chunks import chunks
from jlabel.labeler.protocol.message import Outgoing
from jlabel.labeler.protocol.view3d_messages import (
    LoadSurfaces,
    LoadView3d,
    LoadVolume3d,
    StopView3d,
    SurfacePiece,
    Surfaces,
    View3dScript,
    Volume3dPiece,
)
from jlabel.progress import Progress

ForView3d = LoadView3d | LoadSurfaces | LoadVolume3d
Ask = TypeVar("Ask", LoadView3d, LoadSurfaces, LoadVolume3d)


class View3d(Feature):
    """Works on a thread of its own, without the lock.

    A page's newer question overtakes its older one, and a page that wants no more is not waited upon.

    Args:
        context: The labeler.
        script: Gives the text of the view's script.
    """

    def __init__(self, context: LabelerContext, script: Callable[[], str]) -> None:
        super().__init__(context)
        self._script = script
        self._worker = SerialWorker("jlabel-view3d")
        self._newest: dict[tuple[str, type[ForView3d]], ForView3d] = {}
        # Of the open image; the worker's alone.
        self._epoch = -1
        self._surfaces: LabelSurfaces | None = None
        self._overview: Overview | None = None

    def message_handlers(self) -> Handlers:
        """The script, surfaces and the volume, and giving up the last two."""
        return {
            LoadView3d: lambda ask, _: self._later(ask, self._send_script),
            LoadSurfaces: lambda ask, _: self._later(ask, self._send_surfaces),
            LoadVolume3d: lambda ask, _: self._later(ask, self._send_volume),
            StopView3d: lambda ask, _: self._stop(ask.client),
        }

    def close(self) -> None:
        """End the thread."""
        self._newest.clear()
        self._worker.close()

    def _later(self, ask: Ask, work: Callable[[Ask], None]) -> None:
        self._newest[ask.client, type(ask)] = ask

        def unless_stopped() -> None:
            with contextlib.suppress(Cancelled):
                work(ask)

        self._worker.do(lambda: self.context.reporting_errors(unless_stopped))

    def _stop(self, client: str) -> None:
        """What that page waits for is given up at the next check; what was found is kept."""
        for kind in (LoadSurfaces, LoadVolume3d):
            self._newest.pop((client, kind), None)

    def _progress(self, ask: ForView3d, opened: OpenImage) -> Progress:
        """A newer question of the page does not end the work: it goes on from what the older one has found."""
        key = ask.client, type(ask)

        def check() -> None:
            if key not in self._newest or not self._is_open(opened):
                raise Cancelled("the 3D view was stopped")

        return Progress(check=check)

    def _overtaken(self, ask: ForView3d) -> bool:
        return self._newest.get((ask.client, type(ask))) is not ask

    def _send_script(self, ask: LoadView3d) -> None:
        try:
            script = self._script()
        except JlabelError as error:
            self._publish(View3dScript(client=ask.client, piece=0, pieces=0, error=str(error)))
            return
        for n, count, data in chunks(script.encode(), level=6):
            self._publish(View3dScript(client=ask.client, piece=n, pieces=count), data)

    def _send_surfaces(self, ask: LoadSurfaces) -> None:
        opened = self._ready(ask)
        if opened is None:
            return
        if self._surfaces is None:
            self._surfaces = LabelSurfaces(opened.image.shape, opened.image.affine)
        surfaces = self._surfaces

        def read(part: slice) -> NDArray[Any]:
            with self.context.lock:
                copy: NDArray[Any] = opened.draft.mask[:, :, part].copy(order="F")
                return copy

        progress = self._progress(ask, opened)
        surfaces.look(read, progress)
        self._publish_labels(ask, surfaces)
        for value in [*(v for v in surfaces.known if v not in surfaces.stale), *surfaces.stale]:
            if self._overtaken(ask) or not self._is_open(opened):
                return
            known = surfaces.update(value, progress) if value in surfaces.stale else surfaces.known[value]
            if known is not None and ask.known.get(value) != known.version:
                self._send_surface(ask, value, known)
                self._publish_labels(ask, surfaces)
        self._publish_labels(ask, surfaces)

    def _send_surface(self, ask: LoadSurfaces, value: int, known: KnownSurface) -> None:
        vertices = known.surface.vertices
        for n, count, data in chunks(vertices.tobytes() + known.surface.faces.tobytes()):
            piece = SurfacePiece(
                client=ask.client,
                epoch=ask.epoch,
                value=value,
                version=known.version,
                vertices=len(vertices),
                piece=n,
                pieces=count,
            )
            self._publish(piece, data)

    def _publish_labels(self, ask: LoadSurfaces, surfaces: LabelSurfaces) -> None:
        """Which labels have a surface, and how many are still to come."""
        gone = {value for value, box in surfaces.stale.items() if box is None}
        labels = sorted({*surfaces.known, *surfaces.stale} - gone)
        self._publish(Surfaces(client=ask.client, epoch=ask.epoch, labels=labels, left=len(surfaces.stale)))

    def _send_volume(self, ask: LoadVolume3d) -> None:
        opened = self._ready(ask)
        if opened is None:
            return
        if self._overview is None:
            self._overview = overview(opened.image, progress=self._progress(ask, opened))
        black, white = (float(v) for v in ask.window)
        shown = self._overview.windowed(black, white)
        affine = np.asarray(self._overview.affine).tolist()
        nx, ny, nz = shown.shape
        for n, count, data in chunks(shown.tobytes(order="F")):
            if self._overtaken(ask) or not self._is_open(opened):
                return
            piece = Volume3dPiece(
                client=ask.client, epoch=ask.epoch, shape=(nx, ny, nz), affine=affine, piece=n, pieces=count
            )
            self._publish(piece, data)

    def _ready(self, ask: LoadSurfaces | LoadVolume3d) -> OpenImage | None:
        """The image that is asked about; None where it was left, or a newer question waits."""
        opened = self.context.open_image
        if opened is None or opened.epoch != ask.epoch or self._overtaken(ask):
            return None
        if opened.image.ndim != 3:
            raise JlabelError("a picture has no third dimension to show")
        if self._epoch != opened.epoch:
            self._epoch, self._surfaces, self._overview = opened.epoch, None, None
        return opened

    def _is_open(self, opened: OpenImage) -> bool:
        return self.context.open_image is opened

    def _publish(self, message: Outgoing, *buffers: bytes) -> None:
        with self.context.lock:
            self.context.publish(message, *buffers)
