"""An app file: read and merged at once, evaluated when its app is made, every item once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from jlabel.app import LabelApp
from jlabel.apps.app_file.checked import checked_bundles, checked_labels, checked_parts, checked_tags, checked_type
from jlabel.apps.app_file.ids import lies_in, normal, where_said
from jlabel.apps.app_file.merging import merged, override
from jlabel.apps.app_file.parser import AppParser, ItemFailed
from jlabel.apps.app_file.places import Places
from jlabel.apps.app_file.provided import NotThereYet, Provided
from jlabel.apps.app_file.reasons import reason
from jlabel.apps.app_file.schema import first_fault, misspelled, overrides_nothing
from jlabel.apps.app_file.source_files import read_source
from jlabel.datastores import Datastore
from jlabel.datastores.database.address import PostgresAddress, parse_address
from jlabel.datastores.remote.address import is_url
from jlabel.errors import ConfigError, LabelError, TaskError
from jlabel.labels.label import label_values
from jlabel.opening import studies_place
from jlabel.registry import ModelStore

# The author's item ``app`` under another name: ``@app`` is the app itself.
_BASE = "_app_"
_NO_LABELS = "an app needs labels: write labels: [liver, spleen], or bundles that bring them"


class AppFile:
    """One or several files that describe an app.

    Nothing is evaluated before :meth:`make`. Several files are merged in order, then overrides are put in.

    Args:
        files: A JSON or YAML file, or several.
        overrides: Values by id, such as ``{"infers::spleen::device": "cpu"}``.

    Raises:
        ConfigError: A file cannot be read, or says what no app file says.
    """

    def __init__(self, files: str | Path | Sequence[str | Path], overrides: Mapping[str, Any] | None = None) -> None:
        if isinstance(files, Mapping):
            raise ConfigError("an app is read from files, not from a mapping: write one, or use overrides")
        sources = [read_source(file) for file in ([files] if isinstance(files, str | Path) else files)]
        if not sources:
            raise ConfigError("no app file was named")
        self.root = sources[0].path.parent
        self._overrides = {normal(str(id)): value for id, value in (overrides or {}).items()}
        self._places = Places([source.path for source in sources], self._overrides)
        content = merged(sources)
        # Before the overrides, which may be objects that no schema knows.
        for fault in (first_fault(content), misspelled(content)):
            if fault is not None:
                raise self._places.error(fault[1], fault[0])
        said = dict(content)
        self._content = override(content, self._overrides)
        for id in self._overrides:
            without_effect = overrides_nothing(id, said, self._content)
            if without_effect:
                raise ConfigError(without_effect, id=id)
        self._provided = Provided(self.root, self._content)
        self._parser = AppParser(self._provided.put_into(self._content, _BASE))
        self._made = False

    @property
    def has_run(self) -> bool:
        """Whether it says what ``jlabel run`` is to do."""
        return "run" in self._content

    def make(self, studies: str | Path | Datastore | None = None, catalogue: str | Path | None = None) -> LabelApp:
        """Make the app; once.

        Args:
            studies: The folder of images, or a datastore; the file's ``studies`` if not given.
            catalogue: Where the catalogue of the folder is; what the file's ``catalogue`` says if not given.

        Raises:
            ConfigError: An item cannot be evaluated, or is not what an app takes.
            DatastoreError: The folder does not exist or cannot be used.
        """
        if self._made:
            raise ConfigError("the app of this file was made already: read the file anew", self._places.files[0])
        self._made = True
        self._provided.know("studies", self._studies(studies))
        base, arguments = self._base()
        named = self._catalogue() if catalogue is None else catalogue
        if named is not None:
            arguments["catalogue"] = named
        app = self._constructed(configured(base, self), self._arguments(base, arguments))
        for key in ("name", "description"):
            if key in self._content:
                setattr(app, key, str(self.evaluated(key)))
        self._provided.know("app", app)
        return app

    def run(self, manager: Any) -> list[Any]:
        """Evaluate ``run``, with the app's manager at hand as ``@manager``; what its expressions gave.

        Raises:
            ConfigError: One of them raised.
        """
        self._provided.know("manager", manager)
        done = self.evaluated("run")
        return done if isinstance(done, list) else [done]

    def evaluated(self, id: str) -> Any:
        """What an item is, evaluated now if it was not before.

        Raises:
            ConfigError: It, or something that it refers to, cannot be evaluated.
        """
        try:
            return self._parser.get_parsed_content(id)
        except ItemFailed as failed:
            raise self._told(failed) from failed.error

    def parts(self, kind: str, of_app: Mapping[str, Any]) -> dict[str, Any]:
        """The app's own tasks, strategies or scoring methods, with those of the file."""
        if kind not in self._content:
            return dict(of_app)
        named = checked_parts(kind, self.evaluated(kind), self.fault)
        return {name: part for name, part in {**of_app, **named}.items() if part is not None}

    def knows(self, app: LabelApp) -> None:
        """From here on the file's items may refer to the datastore, the labels and the trained models."""
        self._provided.know("datastore", app.datastore)
        self._provided.know("labels", label_values(app.labels))
        models = app.datastore.workspace.models_folder()
        if models is not None:
            self._provided.know("model_store", ModelStore(models))

    def fault(self, reason: str, id: str) -> ConfigError:
        """An error about an item."""
        shown = id.replace(_BASE, "app", 1) if lies_in(id, _BASE) else id
        return self._places.error(reason, shown)

    def _told(self, failed: ItemFailed) -> ConfigError:
        items = self._parser.ref_resolver.items
        cause = failed.error.__cause__
        if isinstance(cause, NotThereYet):
            return self.fault(cause.reason, self._referring(failed.ids, failed.ids[-1]))
        if failed.missing is not None:
            return self.fault(reason(failed, items), self._referring([*failed.ids, failed.missing], failed.missing))
        return self.fault(reason(failed, items), failed.ids[-1])

    def _referring(self, ids: Sequence[str], reference: str) -> str:
        """The id of the text that refers to the last of the ids, which the one before it says."""
        if len(ids) < 2:
            return ids[-1]
        item = self._parser.ref_resolver.items.get(ids[-2])
        return where_said(item.get_config(), ids[-2], reference) or ids[-2] if item is not None else ids[-2]

    def _studies(self, studies: str | Path | Datastore | None) -> Any:
        if studies is None and "studies" in self._content:
            said = self.evaluated("_studies_")
            return said if is_url(said) else str(self.root / studies_place(said))
        if not isinstance(studies, str | Path) or is_url(studies):
            return studies
        return str(Path(studies_place(studies)).absolute())

    def _catalogue(self) -> str | Path | None:
        """What the file says of it; a path counts from the file's folder, and a password has no place in a file."""
        if "catalogue" not in self._content:
            return None
        said = str(self.evaluated("catalogue"))
        address = parse_address(said)
        if not isinstance(address, PostgresAddress):
            return self.root / address
        if address.password is not None:
            raise self.fault(
                "the address holds a password, which is not kept in files: give it by JLABEL_CATALOGUE_PASSWORD, in "
                "~/.pgpass or in the keyring",
                "catalogue",
            )
        return said

    def _base(self) -> tuple[type[LabelApp], dict[str, Any]]:
        """The class of the app to begin with, and the arguments that the file gives it."""
        if _BASE not in self._parser.get():
            return LabelApp, {}
        found = self.evaluated(_BASE)
        base, arguments = (found.func, found.keywords) if isinstance(found, partial) else (found, {})
        if not (isinstance(base, type) and issubclass(base, LabelApp)):
            raise self.fault(f"expected a class of apps (jlabel.LabelApp), not {base!r}", _BASE)
        return base, dict(arguments)

    def _arguments(self, base: type[LabelApp], arguments: dict[str, Any]) -> dict[str, Any]:
        """What the class is called with: what the file says under ``app``, the studies, and the labels if there are."""
        given = dict(arguments)
        if "studies" not in given:
            given["studies"] = self._studies_or_datastore()
        if "labels" in self._content:
            given["labels"] = self.evaluated("labels")
            checked_labels(given["labels"], self.fault)
        if "tags" in self._content:
            given["tags"] = checked_tags(self.evaluated("tags"), self.fault)
        if "bundles" in self._content:
            given["bundles"] = checked_bundles("bundles", self.evaluated("bundles"), self.root, self.fault)
        signature = inspect.signature(base)
        try:
            signature.bind(**given)
        except TypeError as error:
            if "labels" not in given and "'labels'" in str(error):
                raise self.fault(_NO_LABELS, "labels") from error
            takes = ", ".join(signature.parameters)
            raise self.fault(f"{base.__name__} cannot be made: {error}; it takes {takes}", _BASE) from error
        return given

    def _constructed(self, kind: type[LabelApp], arguments: dict[str, Any]) -> LabelApp:
        try:
            return kind(**arguments)
        except LabelError as error:
            if "labels" in self._content:
                raise
            raise self.fault(f"{_NO_LABELS} ({error})", "labels") from error
        except TaskError as error:
            if "bundles" not in self._content:
                raise
            raise self.fault(str(error), "bundles") from error

    def _studies_or_datastore(self) -> Any:
        if "datastore" in self._content:
            datastore = self.evaluated("datastore")
            checked_type(datastore, Datastore, "datastore", self.fault)
            return datastore
        if self._provided.value("studies") is None:
            raise self.fault("no studies: give studies=, or write studies: folder", "studies")
        return self._provided.value("studies")


def configured(base: type[LabelApp], file: AppFile) -> type[LabelApp]:
    """A class of apps with what a file says in addition; to its user it is the class that it builds on."""

    def init_infers(self: LabelApp) -> dict[str, Any]:
        file.knows(self)
        return file.parts("infers", base.init_infers(self))

    def of(kind: str, init: Callable[[LabelApp], Mapping[str, Any]]) -> Callable[[LabelApp], dict[str, Any]]:
        return lambda self: file.parts(kind, init(self))

    methods = {
        "init_infers": init_infers,
        "init_trainers": of("trainers", base.init_trainers),
        "init_strategies": of("strategies", base.init_strategies),
        "init_scoring_methods": of("scoring_methods", base.init_scoring_methods),
        "__module__": base.__module__,
        "__qualname__": base.__qualname__,
        "__doc__": base.__doc__,
    }
    return type(base.__name__, (base,), methods)
