"""Apps as configuration: files in the syntax of MONAI bundles that say what a labeling app is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jlabel.app import LabelApp
from jlabel.datastores import Datastore

__all__ = ["app_from_config"]


def app_from_config(
    files: str | Path | Sequence[str | Path],
    studies: str | Path | Datastore | None = None,
    overrides: Mapping[str, Any] | None = None,
    *,
    catalogue: str | Path | None = None,
) -> LabelApp:
    """Make a labeling app from a JSON or YAML file.

    The file is written in the syntax of MONAI bundles, which :class:`monai.bundle.ConfigParser` reads. It can run any
    code: name only files that you trust.

    Args:
        files: The file, or several, which are merged in order.
        studies: A folder of images, or a datastore; what the file says under ``studies`` if not given.
        overrides: Values that replace those of the files, by id: ``{"infers::spleen::device": "cpu"}``, or with ``#``.
        catalogue: Where the catalogue of the studies folder is, as for :class:`jlabel.LabelApp`; what the file says
            under ``catalogue`` if not given.

    Raises:
        ConfigError: A file cannot be read, or an item of it cannot be evaluated or is not what an app takes. File, line
            and item are named.
        DatastoreError: The studies folder does not exist or cannot be used.

    Examples:
        >>> file = studies / "app.yaml"
        >>> _ = file.write_text('''
        ... name: Abdomen
        ... labels: [liver, spleen]
        ... infers:
        ...   click: {_target_: jlabel.ClassicClickSegment, labels: "@labels"}
        ... strategies:
        ...   in order: {_target_: jlabel.First}
        ... ''')
        >>> app = jlabel.app_from_config(file, studies=studies, overrides={"labels": ["liver", "kidney"]})
        >>> app.name, list(app.infers), list(app.infers["click"].labels)
        ('Abdomen', ['click'], ['liver', 'kidney'])
    """
    from jlabel.apps.app_file.app_file import AppFile

    return AppFile(files, overrides).make(studies, catalogue)
