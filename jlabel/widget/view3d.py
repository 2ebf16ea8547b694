"""The 3D view's needs, sent to the page that asks for them: its script, the labels' surfaces, the volume."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import Cancelled, JlabelError
from jlabel.imaging.overview import Overview, overview
from jlabel.imaging.watch import Watch
from jlabel.widget.assets import view3d_script
from jlabel.widget.opened import OpenedImage
from jlabel.widget.part import Handler, Part
from jlabel.widget.pieces import pieces
from jlabel.widget.surfaces import Surfaces
from jlabel.widget.worker import SerialWorker

if TYPE_CHECKING:
    from jlabel.widget.desk import Desk

Ask = dict[str, Any]


class View3d(Part):
    """Works on a thread of its own, without the lock.

    A page's newer question overtakes its older one, and a page that wants no more is not waited upon.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._worker = SerialWorker("jlabel-view3d")
        self._newest: dict[tuple[str, str], Ask] = {}
        # Of the image on the desk; the worker's alone.
        self._epoch = -1
        self._surfaces: Surfaces | None = None
        self._overview: Overview | None = None

    def asks(self) -> Mapping[str, Handler]:
        """``view3d`` (the script), ``surfaces``, ``volume3d``, and ``stop3d`` to give up the last two."""
        return {
            "view3d": lambda ask, _: self._later(ask, self._send_script),
            "surfaces": lambda ask, _: self._later(ask, self._send_surfaces),
            "volume3d": lambda ask, _: self._later(ask, self._send_volume),
            "stop3d": lambda ask, _: self._stop(str(ask["client"])),
        }

    def close(self) -> None:
        """End the thread."""
        self._newest.clear()
        self._worker.close()

    def _later(self, ask: Ask, work: Callable[[Ask], None]) -> None:
        self._newest[str(ask["client"]), str(ask["type"])] = ask

        def unless_stopped() -> None:
            with contextlib.suppress(Cancelled):
                work(ask)

        self._worker.do(lambda: self.desk.labeler.in_words(unless_stopped))

    def _stop(self, client: str) -> None:
        """What that page waits for is given up at the next check; what was found is kept."""
        for kind in ("surfaces", "volume3d"):
            self._newest.pop((client, kind), None)

    def _watch(self, ask: Ask, opened: OpenedImage) -> Watch:
        """A newer question of the page does not end the work: it goes on from what the older one has found."""
        key = str(ask["client"]), str(ask["type"])

        def check() -> None:
            if key not in self._newest or not self._is_open(opened):
                raise Cancelled("the 3D view was stopped")

        return Watch(check=check)

    def _overtaken(self, ask: Ask) -> bool:
        return self._newest.get((str(ask["client"]), str(ask["type"]))) is not ask

    def _send_script(self, ask: Ask) -> None:
        try:
            script = view3d_script()
        except JlabelError as error:
            self._tell(ask, {"error": str(error)})
            return
        for part, data in pieces(script.encode(), level=6):
            self._tell(ask, part, data)

    def _send_surfaces(self, ask: Ask) -> None:
        opened = self._ready(ask)
        if opened is None:
            return
        if self._surfaces is None:
            self._surfaces = Surfaces(opened.image.shape, opened.image.affine)
        surfaces = self._surfaces

        def read(part: slice) -> NDArray[Any]:
            with self.desk.lock:
                copy: NDArray[Any] = opened.draft.mask[:, :, part].copy(order="F")
                return copy

        watch = self._watch(ask, opened)
        surfaces.look(read, watch)
        had = {int(value): int(version) for value, version in ask["known"].items()}
        self._tell_surfaces(ask, surfaces)
        for value in [*(v for v in surfaces.known if v not in surfaces.stale), *surfaces.stale]:
            if self._overtaken(ask) or not self._is_open(opened):
                return
            known = surfaces.update(value, watch) if value in surfaces.stale else surfaces.known[value]
            if known is not None and had.get(value) != known.version:
                content = {"value": value, "version": known.version, "vertices": len(known.surface.vertices)}
                data = known.surface.vertices.tobytes() + known.surface.faces.tobytes()
                for part, piece in pieces(data):
                    self._tell({**ask, "type": "surface"}, {**content, **part}, piece)
                self._tell_surfaces(ask, surfaces)
        self._tell_surfaces(ask, surfaces)

    def _tell_surfaces(self, ask: Ask, surfaces: Surfaces) -> None:
        """Which labels have a surface, and how many are still to come."""
        gone = {value for value, box in surfaces.stale.items() if box is None}
        labels = {*surfaces.known, *surfaces.stale} - gone
        self._tell(ask, {"labels": sorted(labels), "left": len(surfaces.stale)})

    def _send_volume(self, ask: Ask) -> None:
        opened = self._ready(ask)
        if opened is None:
            return
        if self._overview is None:
            self._overview = overview(opened.image, watch=self._watch(ask, opened))
        black, white = (float(v) for v in ask["window"])
        shown = self._overview.windowed(black, white)
        content = {"shape": list(shown.shape), "affine": np.asarray(self._overview.affine).tolist()}
        for part, data in pieces(shown.tobytes(order="F")):
            if self._overtaken(ask) or not self._is_open(opened):
                return
            self._tell(ask, {**content, **part}, data)

    def _ready(self, ask: Ask) -> OpenedImage | None:
        """The image that is asked about; None where it was left, or a newer question waits."""
        opened = self.desk.opened
        if opened is None or opened.epoch != ask["epoch"] or self._overtaken(ask):
            return None
        if opened.image.ndim != 3:
            raise JlabelError("a picture has no third dimension to show")
        if self._epoch != opened.epoch:
            self._epoch, self._surfaces, self._overview = opened.epoch, None, None
        return opened

    def _is_open(self, opened: OpenedImage) -> bool:
        return self.desk.opened is opened

    def _tell(self, ask: Ask, content: dict[str, Any], *buffers: bytes) -> None:
        with self.desk.lock:
            about: Ask = {key: value for key, value in ask.items() if key in ("type", "client", "epoch")}
            self.desk.labeler.tell({**about, **content}, *buffers)
