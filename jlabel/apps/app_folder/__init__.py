"""Apps as folders: a ``main.py`` with the app's class, and the author's other modules beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jlabel.app import LabelApp
from jlabel.datastores import Datastore
from jlabel.labels.label import Label

__all__ = ["open_app"]


def open_app(
    folder: str | Path,
    studies: str | Path | Datastore | None = None,
    conf: Mapping[str, Any] | None = None,
    labels: Iterable[str] | Mapping[str, int] | Iterable[Label] | None = None,
    *,
    catalogue: str | Path | None = None,
) -> LabelApp:
    """Make the labeling app that is written in a folder.

    The folder has a file ``main.py`` with a subclass of :class:`jlabel.LabelApp`. What lies beside it, such as a
    package ``lib``, is imported by its own name there, and by no other app. It runs the code of the folder: name only
    folders that you trust. Each call reads the files anew.

    Args:
        folder: The folder of the app.
        studies: A folder of images, or a datastore; may be left out where the app knows its own.
        conf: Settings of the app, name to value; it gets them as texts.
        labels: The structures to label, for an app that takes them.
        catalogue: Where the catalogue of the studies folder is, as for :class:`jlabel.LabelApp`, for an app that takes
            it; ``JLABEL_CATALOGUE`` in the environment says the same to any app.

    Raises:
        ConfigError: The folder has no app, or its code fails; file and line are named.
        DatastoreError: The studies folder does not exist or cannot be used.
        JlabelError: Whatever else the app finds wrong.

    Examples:
        >>> folder = studies / "myapp"
        >>> folder.mkdir()
        >>> _ = (folder / "main.py").write_text('''
        ... import jlabel
        ...
        ... class MyApp(jlabel.LabelApp):
        ...     def init_infers(self):
        ...         return {"click": jlabel.ClassicClickSegment(labels=self.conf["organs"].split(","))}
        ... ''')
        >>> app = jlabel.open_app(folder, studies=studies, conf={"organs": ["liver", "spleen"]})
        >>> app.name, list(app.infers), app.info()["labels"]
        ('MyApp', ['click'], {'liver': 1, 'spleen': 2})
    """
    from jlabel.apps.app_folder.making import make_app

    return make_app(Path(folder).expanduser().resolve(), studies, conf or {}, labels, catalogue)
