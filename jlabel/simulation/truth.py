"""What is right: labels of a datastore, or label files in a folder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from jlabel.errors import TaskError
from jlabel.imaging import Image, read_label
from jlabel.imaging.file_names import split_image_name
from jlabel.manager import AppManager
from jlabel.types import LabelMap


class Truth(Protocol):
    """Knows the right label of images."""

    def known(self) -> set[str]:
        """The ids of the images whose right label is known."""
        ...

    def label(self, image_id: str, image: Image) -> LabelMap:
        """The right label of an image, in its grid.

        Raises:
            LabelError: It cannot be read, or does not fit the image.
        """
        ...


class SavedLabels:
    """The labels of one tag that are saved in a datastore.

    Args:
        manager: Of the app whose datastore it is.
        tag: The tag.
    """

    def __init__(self, manager: AppManager, tag: str) -> None:
        self._manager, self._tag = manager, tag

    def known(self) -> set[str]:
        """See :class:`Truth`."""
        return set(self._manager.datastore.get_labeled_images(self._tag))

    def label(self, image_id: str, image: Image) -> LabelMap:
        """See :class:`Truth`."""
        return self._manager.label(image_id, self._tag)


class LabelFolder:
    """A folder of label files, each named as its image.

    Args:
        folder: The folder; labels of images in folders lie in such folders.

    Raises:
        TaskError: There is no such folder.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise TaskError(f"{folder}: there is no such folder of labels; a tag of saved labels has no path")
        self._files = {
            (path.relative_to(folder).parent / split_image_name(path.name)[0]).as_posix(): path
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        }

    def known(self) -> set[str]:
        """See :class:`Truth`."""
        return set(self._files)

    def label(self, image_id: str, image: Image) -> LabelMap:
        """See :class:`Truth`."""
        return read_label(self._files[image_id], image)


def find_truth(manager: AppManager, source: str | Path) -> Truth:
    """The truth that a caller names: a folder, as a :class:`~pathlib.Path` or a text with a slash, or a tag.

    Raises:
        TaskError: There is no such folder.
    """
    if isinstance(source, Path) or "/" in source or "\\" in source:
        return LabelFolder(Path(source).expanduser())
    return SavedLabels(manager, source)


def pool_and_test(images: Sequence[str], truth: Truth, test: Iterable[str]) -> tuple[list[str], list[str]]:
    """The images that can be labelled in a simulation, and those that models are judged by, which are never labelled.

    Raises:
        TaskError: The truth of a test image is not known, a test image is not there, or no image is left to label.
    """
    known = truth.known()
    kept = list(dict.fromkeys(test))
    if missing := [image_id for image_id in kept if image_id not in images]:
        raise TaskError(f"there is no image {missing[0]!r} to test with")
    if missing := [image_id for image_id in kept if image_id not in known]:
        raise TaskError(f"the right label of {missing[0]!r} is not known, so that it cannot be tested with")
    aside = set(kept)
    pool = [image_id for image_id in images if image_id in known and image_id not in aside]
    if not pool:
        raise TaskError(
            "there is no image to label whose right label is known: save final labels of the images, or say with "
            "truth='folder/of/labels' where they are"
        )
    return pool, kept
