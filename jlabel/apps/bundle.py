"""The app of MONAI bundles: their models, trained further on the labels here, and clicks to correct what they find."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jlabel.apps.template_app import TemplateApp
from jlabel.bundles.app_bundles import BundleOrFolder
from jlabel.click import ClickSegment, ClickSegment2D, ClickTrainTask
from jlabel.datastores import Datastore
from jlabel.errors import ConfigError
from jlabel.interactive import ClassicClickSegment
from jlabel.labels.classification import Classification
from jlabel.labels.label import Label
from jlabel.tasks.infer import InferTask
from jlabel.tasks.train import TrainTask

_BUNDLES = "bundles"


class BundleApp(TemplateApp):
    """Labels with any MONAI bundle, and with clicks to correct its masks.

    Each bundle is a model by the name of its folder, and a training where its configuration has one. A bundle runs
    code: name only what you trust.

    Args:
        studies: A folder of images (``~`` is the home folder), a URL such as ``s3://bucket/scans``, or a datastore.
        labels: The structures to label; by default those that the bundles find.
        bundles: Folders of bundles, or :class:`jlabel.BundleInferTask` objects. ``conf={"bundles": "one,two"}`` says
            the same: folders, or the names of bundles that ``jlabel bundles download`` got.
        name: Shown to users.
        description: Shown to users.
        app_dir: As for :class:`jlabel.LabelApp`; so are ``conf`` and ``version``.
        conf: Settings of the app.
        version: The version of the app.
        tags: As for :class:`jlabel.LabelApp`; each gets a model and a training of its name.

    Raises:
        ConfigError: No bundle is named, or one is not there.
        DatastoreError: The folder does not exist or cannot be used.
        TaskError: A bundle cannot be used; says why.

    Examples:
        >>> try:
        ...     jlabel.BundleApp(studies, conf={"bundles": "spleen"})
        ... except jlabel.ConfigError as error:
        ...     print(str(error).partition(":")[0])
        there is no bundle 'spleen'
    """

    def __init__(
        self,
        studies: str | Path | Datastore,
        labels: Iterable[str] | Mapping[str, int] | Iterable[Label] | None = None,
        bundles: Iterable[BundleOrFolder] = (),
        name: str = "Bundles",
        description: str = "MONAI bundles, and clicks to correct what they find",
        *,
        app_dir: str | Path | None = None,
        conf: Mapping[str, Any] | None = None,
        version: str = "",
        tags: Mapping[str, Sequence[str]] | Iterable[Classification] = (),
    ) -> None:
        named = [one.strip() for one in str((conf or {}).get(_BUNDLES, "")).split(",") if one.strip()]
        used = [*bundles, *(_folder(one) for one in named)]
        if not used:
            raise ConfigError("no bundle is named: bundles=['folder'], or --conf bundles FOLDER")
        super().__init__(
            studies, labels, name, description, used, app_dir=app_dir, conf=conf, version=version, tags=tags
        )

    def init_infers(self) -> dict[str, InferTask]:
        """Click models; the bundles come beside them."""
        own = self.click_model
        infers: dict[str, InferTask] = {
            "click": ClickSegment(own=own),
            "click_2d": ClickSegment2D(own=own),
            "click_classic": ClassicClickSegment(),
        }
        return self.with_tag_models(infers)

    def init_trainers(self) -> dict[str, TrainTask]:
        """The click model's; the bundles' come beside it."""
        return {"click": ClickTrainTask(), **self.tag_trainers()}


def _folder(named: str) -> Path:
    """The folder of a bundle, by its path or by its name among the downloads."""
    from jlabel.bundles.zoo.download import downloads_folder

    places = [Path(named).expanduser(), downloads_folder() / named]
    found = next((place for place in places if place.is_dir()), None)
    if found is None:
        raise ConfigError(f"there is no bundle {named!r}: name its folder, or get it: jlabel bundles download {named}")
    return found
