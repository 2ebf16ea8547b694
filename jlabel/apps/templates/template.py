"""A template app: a class that is ready to use, and a folder with a subclass of it for an author to change."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jlabel.errors import ConfigError, DatastoreError

if TYPE_CHECKING:
    from jlabel.app import LabelApp
    from jlabel.datastores import Datastore

_FILES = Path(__file__).with_name("files")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc")


@dataclass(frozen=True)
class Template:
    """A template app.

    Attributes:
        name: Its name.
        class_name: Its class, ``jlabel.<class_name>``.
        about: What it is for.
        needs_labels: Whether it has to be told what to label.
    """

    name: str
    class_name: str
    about: str
    needs_labels: bool = True

    def make(
        self, studies: Datastore | Path | str, labels: Iterable[str] | Mapping[str, int] | None, conf: Mapping[str, Any]
    ) -> LabelApp:
        """The app as it ships.

        Raises:
            DatastoreError: The studies cannot be used.
            LabelError: The labels cannot be used.
        """
        made: LabelApp = getattr(importlib.import_module("jlabel.apps"), self.class_name)(
            studies, labels, **({"conf": conf} if conf else {})
        )
        return made

    def write(self, to: Path | str) -> Path:
        """Write the app as a folder, whole or not at all: a ``main.py``, tasks in ``lib``, and a ``README.md``.

        Args:
            to: The folder, which is made (``~`` is the home folder). It must not be there, or be empty.

        Returns:
            The folder.

        Raises:
            DatastoreError: There is something in the folder, or it cannot be written.
        """
        from jlabel.bundles.export.new_folder import is_empty, new_folder

        to = Path(to).expanduser()
        if not is_empty(to):
            raise DatastoreError(f"{to} is not empty, and nothing is written over: choose another folder")
        with new_folder(to, None) as folder:
            shutil.copytree(_FILES / self.name, folder, ignore=_LEFT_OUT, dirs_exist_ok=True)
        return to


TEMPLATES = {
    one.name: one
    for one in (
        Template("radiology", "RadiologyApp", "CT, MR and other volumes, and grey pictures"),
        Template("endoscopy", "EndoscopyApp", "colour pictures and frames of videos"),
        Template("pathology", "PathologyApp", "nuclei and cells, by clicks and all at once", needs_labels=False),
        Template("bundle", "BundleApp", "MONAI bundles, and clicks to correct what they find", needs_labels=False),
    )
}


def template(name: str) -> Template:
    """The template of that name.

    Raises:
        ConfigError: There is none.
    """
    if name not in TEMPLATES:
        raise ConfigError(f"there is no template app {name!r}; there are {', '.join(TEMPLATES)}")
    return TEMPLATES[name]
