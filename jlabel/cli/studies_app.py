"""The app that a command works with: a template by name, the folder of an author's app, or an app file."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jlabel.cli.studies_folder import studies_folder, studies_named
from jlabel.errors import ConfigError, LabelError

if TYPE_CHECKING:
    from jlabel.app import LabelApp
    from jlabel.datastores import Datastore

DEFAULT = "radiology"
Labels = list[str] | dict[str, int]


@dataclass(frozen=True)
class AppChoice:
    """What a person typed of an app.

    Attributes:
        studies: The folder of images.
        app: A template's name, a folder with a ``main.py``, or an app file; the default template if empty.
        labels: The structures to label; None for those that are known of the studies, or the app's.
        conf: Settings of the app.
    """

    studies: Path
    app: str = ""
    labels: Labels | None = None
    conf: Mapping[str, str] = field(default_factory=dict)

    def make(self) -> LabelApp:
        """The app.

        Raises:
            ConfigError: There is no such app, or it cannot be made.
            LabelError: It needs labels, and nobody has named any.
            DatastoreError: The studies folder cannot be used.
        """
        folder = studies_folder(self.studies)
        kind, place = self._kind()
        if kind == "folder":
            return self._of_folder(place, folder)
        if kind == "file":
            from jlabel.apps import app_from_config

            return app_from_config(place, studies=folder, overrides=self._overrides())
        from jlabel.apps.templates import template
        from jlabel.opening import open_studies

        datastore, chosen = open_studies(folder), template(self.app or DEFAULT)
        labels = labels_of_studies(datastore) if self.labels is None and chosen.needs_labels else self.labels
        return chosen.make(datastore, labels, self.conf)

    def code(self, app: LabelApp) -> list[str]:
        """The lines of Python that make the app in a notebook.

        Args:
            app: The app as :meth:`make` made it, whose labels are said where the person named none.
        """
        kind, place = self._kind()
        studies = f"studies={studies_named(studies_folder(self.studies))!r}"
        if kind == "file":
            changes = self._overrides()
            given = [repr(str(place)), studies, *([f"overrides={changes!r}"] if changes else [])]
            return _call("jlabel.app_from_config", given)
        conf = [f"conf={dict(self.conf)!r}"] if self.conf else []
        if kind == "folder":
            labels = [] if self.labels is None else [f"labels={self.labels!r}"]
            return _call("jlabel.open_app", [repr(str(place)), studies, *labels, *conf])
        from jlabel.apps.templates import template
        from jlabel.labels.label import label_values

        labels = [f"labels={label_values(app.labels)!r}"]
        return _call(f"jlabel.{template(self.app or DEFAULT).class_name}", [studies, *labels, *conf])

    def _of_folder(self, place: Path, studies: Path) -> LabelApp:
        from jlabel.apps import open_app
        from jlabel.opening import open_studies

        try:
            return open_app(place, studies=studies, conf=self.conf, labels=self.labels)
        except LabelError:
            if self.labels is not None:
                raise
        # It brings none of its own: those that people have worked with here.
        return open_app(place, studies=studies, conf=self.conf, labels=labels_of_studies(open_studies(studies)))

    def _kind(self) -> tuple[str, Path]:
        """Whether it is a template, a folder or a file, and where that is."""
        from jlabel.apps.templates import TEMPLATES

        place = Path(self.app).expanduser().absolute()
        if not self.app or self.app in TEMPLATES:
            return "template", place
        if place.is_dir():
            return "folder", place
        if place.is_file():
            return "file", place
        raise ConfigError(f"there is no app {self.app!r}: name a folder, an app file, or one of {', '.join(TEMPLATES)}")

    def _overrides(self) -> dict[str, Any]:
        """What is asked of an app file beside its own values."""
        labels = {} if self.labels is None else {"labels": self.labels}
        return {**labels, **{key: literal(value) for key, value in self.conf.items()}}


def literal(text: str) -> Any:
    """A value as Python reads it, else a text."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return {"true": True, "false": False}.get(text.lower(), text)


def labels_of_studies(datastore: Datastore) -> dict[str, int]:
    """The labels that people have worked with in the studies, name to value.

    They are those that were kept with the studies, else those that the newest label says of itself.

    Raises:
        LabelError: Nobody has named any.
    """
    kept = datastore.label_set() or {}
    found = _named(kept.get("labels"))
    if not found:
        notes = sorted(datastore.version_notes("labels"), key=lambda note: note.time)
        found = next((values for note in reversed(notes) if (values := _values(note.value))), {})
    if not found:
        raise LabelError("nobody has named the labels of these studies: --labels liver,spleen does")
    return found


def _named(entries: Any) -> dict[str, int]:
    items = entries if isinstance(entries, Iterable) else ()
    return _values({item.get("name"): item.get("value") for item in items if isinstance(item, Mapping)})


def _values(note: Any) -> dict[str, int]:
    """Names and values, as far as they are some."""
    pairs = note.items() if isinstance(note, Mapping) else ()
    return {
        name: value
        for name, value in pairs
        if isinstance(name, str) and isinstance(value, int) and not isinstance(value, bool) and value > 0
    }


def _call(function: str, arguments: list[str]) -> list[str]:
    return [f"app = {function}(", *(f"    {one}," for one in arguments), ")"]
