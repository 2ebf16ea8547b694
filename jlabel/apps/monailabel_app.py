"""An app with the constructor that authors of MONAI Label apps know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jlabel.app import LabelApp
from jlabel.apps.uncalled_methods import warn_of_uncalled
from jlabel.datastores import Datastore
from jlabel.labels.label import Label


class MONAILabelApp(LabelApp):
    """A labeling app in the form of MONAI Label: its folder and its settings come first.

    Args:
        app_dir: The folder of the app.
        studies: A folder of images, a URL such as ``s3://bucket/scans``, or a datastore.
        conf: Settings of the app, which its methods find as texts in ``self.conf``.
        name: Shown to users.
        description: Shown to users.
        version: The version of the app.
        labels: The structures to label; by default those that its models find.
        catalogue: Where the catalogue of the folder is, as for :class:`jlabel.LabelApp`.

    Raises:
        DatastoreError: The folder does not exist or cannot be used.
        LabelError: Two labels have the same name or value, or there are none.

    Examples:
        >>> class MyApp(jlabel.MONAILabelApp):
        ...     def __init__(self, app_dir, studies, conf):
        ...         super().__init__(app_dir, studies, conf, name="Spleen", version="2.0")
        ...     def init_infers(self):
        ...         return {"click": jlabel.ClassicClickSegment(labels=["spleen"])}
        >>> app = MyApp("~/myapp", studies, {})
        >>> app.name, app.version, app.info()["labels"]
        ('Spleen', '2.0', {'spleen': 1})
    """

    def __init__(
        self,
        app_dir: str | Path,
        studies: str | Path | Datastore,
        conf: Mapping[str, Any],
        name: str = "",
        description: str = "",
        version: str = "2.0",
        labels: Iterable[str] | Mapping[str, int] | Iterable[Label] | None = None,
        *,
        catalogue: str | Path | None = None,
    ) -> None:
        warn_of_uncalled(self)
        super().__init__(
            studies,
            labels or None,
            name,
            description,
            app_dir=app_dir,
            conf=conf,
            version=version,
            catalogue=catalogue,
        )
