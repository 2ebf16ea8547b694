"""The 3D view: its script, the labels' surfaces and the volume."""

from __future__ import annotations

from jlabel.labeler.protocol.message import Incoming, Outgoing
from jlabel.labeler.protocol.values import Position, Window


class LoadView3d(Incoming, frozen=True, kw_only=True, tag="view3d"):
    """The script of the 3D view: see ``js/src/view3d/api.ts``."""

    client: str


class LoadSurfaces(Incoming, frozen=True, kw_only=True, tag="surfaces"):
    """The labels' surfaces as the draft is now, less those that the page has (version by label value)."""

    client: str
    epoch: int
    known: dict[int, int]


class LoadVolume3d(Incoming, frozen=True, kw_only=True, tag="volume3d"):
    """The volume, small enough to be seen as a whole, through a window."""

    client: str
    epoch: int
    window: Window


class StopView3d(Incoming, frozen=True, kw_only=True, tag="stop3d"):
    """This page wants no more of the surfaces and the volume that it asked for; what is found already is kept."""

    client: str


class View3dScript(Outgoing, frozen=True, kw_only=True, tag="view3d"):
    """A piece of the 3D view's script, or why there is none. Pieces come in order; together they are zlib."""

    client: str
    piece: int
    pieces: int
    error: str | None = None


class Surfaces(Outgoing, frozen=True, kw_only=True, tag="surfaces"):
    """Which labels have a surface, and how many are still to be found."""

    client: str
    epoch: int
    labels: list[int]
    left: int


class SurfacePiece(Outgoing, frozen=True, kw_only=True, tag="surface"):
    """A piece of a surface: float32 x, y, z of each vertex in RAS+ mm, then uint32 indices of each triangle."""

    client: str
    epoch: int
    value: int
    version: int
    vertices: int
    piece: int
    pieces: int


class Volume3dPiece(Outgoing, frozen=True, kw_only=True, tag="volume3d"):
    """A piece of the volume: one byte a voxel, the first axis the fastest."""

    client: str
    epoch: int
    shape: Position
    affine: list[list[float]]
    piece: int
    pieces: int
