"""MONAI bundles as MONAI Label's apps make tasks of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jlabel.bundles import BundleInferTask as _BundleInferTask
from jlabel.bundles import BundleTrainTask as _BundleTrainTask
from jlabel.errors import TaskError


class BundleInferTask(_BundleInferTask):
    """See :class:`jlabel.BundleInferTask`.

    Args:
        path: The bundle's folder.
        conf: The settings of the app.
        const: Refused: a bundle is read by the names of MONAI's specification.
        type: The kind of the task.
        add_post_restore: Has no meaning here: masks always come back to the image's grid.
        load_strict: As for :class:`jlabel.InferTask`.
        options: Refused by name.

    Raises:
        TaskError: The bundle cannot be used, or something is asked for that cannot be done.
    """

    def __init__(
        self,
        path: str | Path,
        conf: Mapping[str, str] | None = None,
        const: Any = None,
        type: str = "",
        add_post_restore: bool = True,
        load_strict: bool = True,
        **options: Any,
    ) -> None:
        _refuse("BundleInferTask", {"const": const, **options})
        super().__init__(path)
        self.load_strict = load_strict
        self.type = str(type or self.type)


class BundleTrainTask(_BundleTrainTask):
    """See :class:`jlabel.BundleTrainTask`.

    Args:
        path: The bundle's folder.
        conf: The settings of the app.
        const: Refused: a bundle is read by the names of MONAI's specification.
        enable_tracking: Has no meaning here: ``tracking`` is an option of the training.
        options: Refused by name.

    Raises:
        TaskError: The bundle cannot be trained, or something is asked for that cannot be done.
    """

    def __init__(
        self,
        path: str | Path,
        conf: Mapping[str, str] | None = None,
        const: Any = None,
        enable_tracking: bool = False,
        **options: Any,
    ) -> None:
        _refuse("BundleTrainTask", {"const": const, **options})
        super().__init__(path)

    def is_valid(self) -> bool:
        """Whether it can be trained; one that cannot be is refused before."""
        return True


def get_bundle_models(app_dir: str, conf: Mapping[str, str], conf_key: str = "models") -> dict[str, str] | None:
    """The folders of bundles that a setting names, in ``model`` of the app's folder: name to path.

    Args:
        app_dir: The app's folder.
        conf: The settings of the app.
        conf_key: Which of them has the names, with commas between them, or ``"all"``.

    Raises:
        TaskError: A bundle is not there.
    """
    folder = Path(app_dir) / "model"
    there = {entry.name: str(entry) for entry in sorted(folder.glob("*")) if (entry / "configs").is_dir()}
    names: Sequence[str] = [name.strip() for name in (conf.get(conf_key) or "").split(",") if name.strip()]
    if "all" in names:
        return there
    for name in names:
        if name not in there:
            raise TaskError(
                f"no bundle {name!r} in {folder}: put it there, as 'jlabel bundles download {name}' gets it"
            )
    return {name: there[name] for name in names} or None


def _refuse(task: str, options: Mapping[str, Any]) -> None:
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise TaskError(f"{task}({given[0]}=…) cannot be done: say it by overrides={{…}} of jlabel.{task}")
