"""What jlabel itself gives to the items of an app file: ``@app_root``, ``@studies``, ``@datastore`` and others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jlabel.errors import ConfigError

#: By id, when each is there.
WHEN = {
    "app_root": "always",
    "studies": "once studies were named",
    "datastore": "once the app has its datastore: in infers, trainers, strategies, scoring_methods and run",
    "labels": "once the app has its labels: in infers, trainers, strategies, scoring_methods and run",
    "model_store": "once the app has its datastore, if that has a place for models",
    "app": "in run",
    "manager": "in run, when 'jlabel run' evaluates it",
}


class NotThereYet(ConfigError):
    """An item refers to something that there is only later."""


class Provided:
    """The values of those ids, each known from some moment on.

    Args:
        root: The folder of the first file.
        content: What the files say: what they give themselves is not provided.
    """

    def __init__(self, root: Path, content: dict[str, Any]) -> None:
        self._values: dict[str, Any] = {"app_root": str(root)}
        self._given = {id for id in ("datastore", "labels") if id in content}

    def know(self, id: str, value: Any) -> None:
        """From now on there is a value."""
        self._values[id] = value

    def value(self, id: str) -> Any:
        """A value, None where it is not known."""
        return self._values.get(id)

    def put_into(self, content: dict[str, Any], base: str) -> dict[str, Any]:
        """The content with an item for each of those ids, which gives its value when it is referred to.

        Args:
            content: What the files say.
            base: The id that their ``app`` gets instead: it names a class, and ``@app`` is the app.
        """
        items = dict(content)
        if "app" in items:
            app = items.pop("app")
            items[base] = {**(app if isinstance(app, dict) else {"_target_": app}), "_mode_": "callable"}
        if "studies" in items:
            items["_studies_"] = items["studies"]
        return {**items, **{id: self._item(id) for id in WHEN if id not in self._given}}

    def _item(self, id: str) -> dict[str, Any]:
        def provide() -> Any:
            if self._values.get(id) is None:
                raise NotThereYet(f"@{id} is not there yet: it is {WHEN[id]}")
            return self._values[id]

        provide.__name__ = id
        return {"_target_": provide}
