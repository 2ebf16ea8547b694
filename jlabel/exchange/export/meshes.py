"""The surfaces of structures as meshes, STL or OBJ, in millimetres."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from scipy import ndimage

from jlabel.errors import LabelError
from jlabel.exchange.export.format import NamedStructures
from jlabel.exchange.export.item import ExportItem, Written
from jlabel.exchange.export.whole_files import write_file

if TYPE_CHECKING:
    from jlabel.imaging.rendering.surface import Surface

_FINEST = 320
_UNSAFE = re.compile(r"[^\w.-]+")
# Programs of the field take a mesh for one in LPS where its header does not say another one.
_SPACE = "SPACE=RAS"
_TRIANGLE = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


class _Meshes(NamedStructures):
    """A mesh for each structure of each image, found as the labeler finds it.

    Args:
        given: What is exported.
        folder: Where to.
    """

    name: ClassVar[str] = ""

    def write(self, item: ExportItem) -> Written:
        """Write the meshes of an image.

        Raises:
            LabelError: It is a picture.
        """
        from jlabel.imaging.rendering.surface import label_surface

        label, affine = item.structures(), item.image.affine
        if label.ndim != 3:
            raise LabelError(f"{item.image_id!r} is a picture, which has no surface")
        boxes = ndimage.find_objects(label.astype(np.int32, copy=False))
        names = []
        for one in self.given.labels:
            box = boxes[one.value - 1] if one.value <= len(boxes) else None
            if box is None:
                continue
            lower = [int(part.start) for part in box]
            surface = label_surface(label[box] == one.value, affine, lower, _FINEST)
            assert surface is not None
            names.append(f"{item.case}/{_plain(one.name, one.value)}.{self.name}")
            write_file(self.folder / names[-1], lambda path, found=surface: self.save(path, found))  # type: ignore[misc]
        return Written(tuple(names))

    def save(self, path: Path, surface: Surface) -> None:
        """Write one mesh."""
        raise NotImplementedError


class StlMeshes(_Meshes):
    """Binary STL."""

    name: ClassVar[str] = "stl"

    def save(self, path: Path, surface: Surface) -> None:
        """Write one mesh."""
        corners = surface.vertices[surface.faces]
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        lengths = np.linalg.norm(normals, axis=1, keepdims=True)
        triangles = np.zeros(len(corners), _TRIANGLE)
        triangles["corners"] = corners
        triangles["normal"] = normals / np.maximum(lengths, 1e-12)
        head = f"jlabel {_SPACE}".encode().ljust(80)
        path.write_bytes(head + len(corners).to_bytes(4, "little") + triangles.tobytes())


class ObjMeshes(_Meshes):
    """Wavefront OBJ."""

    name: ClassVar[str] = "obj"

    def save(self, path: Path, surface: Surface) -> None:
        """Write one mesh."""
        with path.open("w", encoding="ascii") as file:
            file.write(f"# {_SPACE}\n")
            file.writelines(f"v {x:.6g} {y:.6g} {z:.6g}\n" for x, y, z in surface.vertices.tolist())
            file.writelines(f"f {a} {b} {c}\n" for a, b, c in (surface.faces.astype(int) + 1).tolist())


def _plain(name: str, value: int) -> str:
    """A name that is one on every file system."""
    text = _UNSAFE.sub("_", name).strip("._")
    return text or f"value_{value}"
