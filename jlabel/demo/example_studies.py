"""The folder of example studies: made once, all of it or nothing."""

from __future__ import annotations

import json
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nibabel as nib

from jlabel.demo.cases import Recipe, make_case
from jlabel.demo.template import Template, load_template
from jlabel.errors import JlabelError

EXAMPLE_LABELS = {"ventricles": 1, "white matter": 2, "grey matter": 3}
"""The structures of the reference labels, and the value of each in the reference files."""

_REFERENCE = ".reference"
_DONE = "studies.json"
_ODD_ONES: dict[int, tuple[str, tuple[float, float, float], tuple[float, float, float]]] = {
    3: ("LPS", (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)),
    5: ("RAS", (1.0, 1.0, 1.0), (6.0, -3.0, 8.0)),
    6: ("PIR", (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)),
    8: ("RAS", (2 / 3, 2 / 3, 2.0), (0.0, 0.0, 0.0)),
    10: ("LIP", (1.0, 1.0, 1.0), (-5.0, 4.0, 0.0)),
    12: ("LAS", (0.8, 1.6, 0.8), (0.0, 0.0, 0.0)),
}


def example_studies(folder: Path | str, *, cases: int = 12, spacing: float = 1.5) -> Path:
    """Make a folder of skull-stripped T1 brain MRI cases with reference labels, unless it is there already.

    Each case is the MNI152 template with its own head shape, contrast, coil shading and noise; some have another axis
    order, an oblique grid or thick slices. The cases are ``case_01.nii.gz`` and so on; :func:`example_reference` finds
    their reference labels, which lie in a hidden folder so that no datastore takes them for images.

    Args:
        folder: Where; it appears complete or not at all. An existing folder must be empty or hold these studies.
        cases: How many.
        spacing: Voxel size in mm (RAS) of the plain cases; the odd ones have multiples of it.

    Returns:
        The folder, absolute.

    Raises:
        JlabelError: The folder holds something else or cannot be written, or nilearn is not installed.
    """
    target = Path(folder).expanduser().resolve()
    if _holds_studies(target):
        return target
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise JlabelError(f"{target} is not empty and holds no example studies: choose another folder")
    template = load_template()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise JlabelError(f"cannot make the example studies in {target}: {error.strerror}") from error
    try:
        _fill(beside, template, cases, spacing)
        _put_in_place(beside, target)
    except OSError as error:
        raise JlabelError(f"cannot make the example studies in {target}: {error.strerror}") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return target


def example_reference(folder: Path | str, image_id: str) -> Path:
    """Return the reference label of one example case, a ``.nii.gz`` on the grid of its image (see EXAMPLE_LABELS).

    Args:
        folder: What :func:`example_studies` returned.
        image_id: The case, with or without its extension: ``case_01`` or ``case_01.nii.gz``.

    Raises:
        JlabelError: There is no such case.
    """
    references = Path(folder).expanduser() / _REFERENCE
    known = {path.name.removesuffix(".nii.gz"): path for path in references.glob("*.nii.gz")}
    try:
        return known[image_id.removesuffix(".nii.gz")]
    except KeyError:
        raise JlabelError(
            f"no example case {image_id!r} in {folder}; there are {', '.join(sorted(known)) or 'none'}"
        ) from None


def _holds_studies(folder: Path) -> bool:
    return (folder / _REFERENCE / _DONE).is_file()


def _recipe(number: int, spacing: float) -> Recipe:
    codes, factors, tilt = _ODD_ONES.get(number, ("RAS", (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)))
    return Recipe(number, (spacing * factors[0], spacing * factors[1], spacing * factors[2]), codes, tilt)


def _fill(folder: Path, template: Template, cases: int, spacing: float) -> None:
    references = folder / _REFERENCE
    references.mkdir()

    def write(number: int) -> None:
        image, label = make_case(template, _recipe(number, spacing), EXAMPLE_LABELS)
        name = f"case_{number:02d}.nii.gz"
        nib.save(image, folder / name)
        nib.save(label, references / name)

    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(write, range(1, cases + 1)))
    (references / _DONE).write_text(json.dumps({"cases": cases, "labels": EXAMPLE_LABELS}) + "\n")
    folder.chmod(0o755)


def _put_in_place(made: Path, target: Path) -> None:
    """Rename; where another process was quicker its studies, the same ones, are kept."""
    try:
        if target.is_dir():
            target.rmdir()
        made.replace(target)
    except OSError:
        if not _holds_studies(target):
            raise
