"""MONAI's parser, which names the item where something failed and leaves texts as they are written."""

from __future__ import annotations

import re
from typing import Any

from monai.bundle import ConfigParser, ReferenceResolver
from monai.bundle.config_item import ConfigExpression, ConfigItem

_SIGNS = ("@", "$", "%")


class ItemFailed(Exception):
    """An item could not be resolved.

    Attributes:
        ids: The item asked for, and those on the way to the one that failed, which is the last.
        item: The item that failed, None where there is none of that id.
        error: What MONAI raised.
        circle: The item that was reached again, where references go in a circle.
        missing: The id that a reference names and that is not there.
    """

    def __init__(
        self, id: str, item: ConfigItem | None, error: Exception, circle: str = "", missing: str | None = None
    ) -> None:
        super().__init__(str(error))
        self.ids = [id]
        self.item = item
        self.error = error
        self.circle = circle
        self.missing = missing


class AppParser(ConfigParser):  # type: ignore[misc]
    """MONAI's parser with ``jlabel`` at hand in expressions.

    Only a text that begins with ``@``, ``$`` or ``%`` is one for MONAI. In any other a ``#`` stays a ``#``, such as
    that of a colour; MONAI writes ``::`` instead.

    Args:
        config: What the files say.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config=config, globals={"jlabel": "jlabel"})
        self.ref_resolver = NamingResolver()

    @classmethod
    def resolve_relative_ids(cls, id: str, value: str) -> str:
        """As MONAI does it, for texts that are one for MONAI."""
        return str(super().resolve_relative_ids(id, value)) if value.startswith(_SIGNS) else value

    def _do_resolve(self, config: Any, id: str = "") -> Any:
        try:
            return super()._do_resolve(config, id)
        except ItemFailed:
            raise
        except Exception as error:
            # Whatever a macro or a relative id may run into: it is told with the id where it stands.
            raise ItemFailed(id, ConfigItem(config, id), error) from error


class OwnReferences(ConfigExpression):  # type: ignore[misc]
    """An expression that sees the items it refers to, and no others.

    MONAI gives each expression all that was evaluated. A lambda holds what it was given: with all of an app in it, a
    task that has one could not be handed to the process of a job.
    """

    _USED = re.compile(rf"{ReferenceResolver._vars}\['([^']*)'\]")

    def evaluate(self, globals: dict[str, Any] | None = None, locals: dict[str, Any] | None = None) -> Any:
        """As MONAI does it."""
        seen = dict(globals or {})
        known = seen.get(ReferenceResolver._vars, {})
        used = {id: known[id] for id in self._USED.findall(str(self.get_config())) if id in known}
        return super().evaluate({**seen, ReferenceResolver._vars: used}, locals)


class NamingResolver(ReferenceResolver):  # type: ignore[misc]
    """MONAI's resolver, which says at which item it failed and how it came there."""

    def _resolve_one_item(self, id: str, waiting_list: set[str] | None = None, **kwargs: Any) -> Any:
        waiting = set() if waiting_list is None else waiting_list
        try:
            return super()._resolve_one_item(id=id, waiting_list=waiting, **kwargs)
        except ItemFailed as failed:
            failed.ids.insert(0, self.normalize_id(id))
            raise
        except Exception as error:
            # A component or an expression may raise anything: all of it is told with the id of its item.
            raise self._failed(self.normalize_id(id), waiting, error) from error

    def _failed(self, id: str, waiting: set[str], error: Exception) -> ItemFailed:
        item = self.items.get(id)
        if isinstance(error, SyntaxError):
            id, item = self._with_bad_syntax(id)
            return ItemFailed(id, item, error)
        if item is None or not isinstance(error, ValueError | KeyError):
            return ItemFailed(id, item, error, missing=id if item is None else None)
        references = self.find_refs_in_config(config=item.get_config(), id=id)
        circle = next((one for one in references if one in waiting), "")
        missing = next((one for one in references if one not in self.items), None)
        return ItemFailed(id, item, error, circle, missing)

    def _with_bad_syntax(self, id: str) -> tuple[str, ConfigItem | None]:
        """MONAI looks for imports in all expressions first, so that one may fail that nobody asked for."""
        for one, item in self.items.items():
            try:
                ConfigExpression.is_import_statement(item.get_config())
            except SyntaxError:
                return one, item
        return id, self.items.get(id)

    def add_item(self, item: ConfigItem) -> None:
        """As MONAI does it, with expressions that hold no more than they refer to."""
        if type(item) is ConfigExpression:
            item = OwnReferences(config=item.get_config(), id=item.get_id(), globals=item.globals)
        super().add_item(item)

    @classmethod
    def update_refs_pattern(cls, value: str, refs: dict[str, Any]) -> Any:
        """As MONAI does it, for texts that are one for MONAI."""
        return super().update_refs_pattern(value, refs) if value.startswith(_SIGNS) else value
