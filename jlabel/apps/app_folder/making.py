"""Makes the app of a folder, with the arguments that its constructor takes."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jlabel.app import LabelApp, conf_texts
from jlabel.apps.app_folder.discovery import MAIN, app_class
from jlabel.apps.app_folder.failing_code import author_failures
from jlabel.datastores.catalogue_place import VARIABLE
from jlabel.errors import ConfigError
from jlabel.opening import studies_place


def make_app(
    folder: Path, studies: Any, conf: Mapping[str, Any], labels: Any, catalogue: str | Path | None = None
) -> LabelApp:
    """See :func:`jlabel.open_app`."""
    cls = app_class(folder)
    given: dict[str, Any] = {"app_dir": str(folder), "conf": conf_texts(conf)}
    if studies is not None:
        # An author may look at the text of it, or join it with a name.
        given["studies"] = studies_place(studies) if isinstance(studies, str | Path) else studies
    if labels is not None:
        given["labels"] = labels
    if catalogue is not None:
        given["catalogue"] = catalogue
    with author_failures(folder, f"{cls.__name__} cannot be made"):
        app = cls(**_accepted(cls, given, folder))
    if not hasattr(app, "scoring_methods"):
        raise ConfigError(f"{cls.__name__}.__init__ does not call super().__init__(…)", folder / MAIN)
    return app


def _accepted(cls: type[LabelApp], given: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Those arguments that the class takes by name; what a person has asked for and it cannot take is refused."""
    parameters = inspect.signature(cls).parameters
    if any(one.kind is one.VAR_KEYWORD for one in parameters.values()):
        return given
    refused: list[str] = [
        name for name in ("labels", "studies", "catalogue") if name in given and name not in parameters
    ]
    if given["conf"] and "conf" not in parameters:
        refused.append("conf")
    if refused:
        takes = ", ".join(parameters) or "nothing"
        instead = f". Name it by {VARIABLE} in the environment" if refused[0] == "catalogue" else ""
        raise ConfigError(f"{cls.__name__} does not take {refused[0]}; it takes {takes}{instead}", folder / MAIN)
    return {name: value for name, value in given.items() if name in parameters}
