"""The prompts as the pages know them: sent apart from the state, and each of them only when it is another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from jlabel.widget.kept_prompts import given_to_json
from jlabel.widget.session import Given, PromptSession, Sessions

# Positions of drawn prompts in one message: about a megabyte.
_MOST_POSITIONS = 50_000


class _Shown(NamedTuple):
    given: Given
    label: str
    scope: Any
    waits: bool


class PromptFeed:
    """Remembers what the pages were told."""

    def __init__(self) -> None:
        self._told: dict[str, _Shown] = {}
        self._of: tuple[Any, ...] = ()

    def begin(self) -> None:
        """Another image is open: the pages know no prompts of it."""
        self._told, self._of = {}, ()

    def news(self, sessions: Sessions, names: Mapping[int, str]) -> Iterator[dict[str, Any]]:
        """The messages that tell what is another since the last time; none where nothing is.

        Args:
            sessions: All of the draft.
            names: The labels' names by value.
        """
        of = (*sessions, *names.items())
        if len(of) == len(self._of) and all(a is b or a == b for a, b in zip(of, self._of, strict=True)):
            return
        shown = _shown(sessions, names)
        # In the order in which they came, so that a list of them stays as it is when one is moved.
        now = {name: shown[name] for name in (*(name for name in self._told if name in shown), *shown)}
        put = [name for name, shown in now.items() if not _same(shown, self._told.get(name))]
        changed = put or list(now) != list(self._told)
        self._told, self._of = now, of
        if changed:
            yield from _messages(now, put)

    def all(self) -> Iterator[dict[str, Any]]:
        """The messages that tell everything to a page that is new."""
        if self._told:
            yield from _messages(self._told, list(self._told))


def _shown(sessions: Sessions, names: Mapping[int, str]) -> dict[str, _Shown]:
    return {
        given.id: _Shown(given, names[one.value], one.scope, one.waits(given))
        for one in sessions
        if one.value in names
        for given in one.given
    }


def _same(a: _Shown, b: _Shown | None) -> bool:
    # By identity, since a comparison of long scribbles takes time.
    return b is not None and a.given is b.given and a[1:] == b[1:]


def _messages(shown: Mapping[str, _Shown], put: list[str]) -> Iterator[dict[str, Any]]:
    portion: list[dict[str, Any]] = []
    size = 0
    for name in put:
        fields = _to_wire(shown[name])
        size += len(fields.get("positions", ())) + len(fields.get("points", ())) + 10
        portion.append(fields)
        if size > _MOST_POSITIONS:
            yield {"type": "prompts", "ids": list(shown), "put": portion}
            portion, size = [], 0
    yield {"type": "prompts", "ids": list(shown), "put": portion}


def _to_wire(shown: _Shown) -> dict[str, Any]:
    fields = {**given_to_json(shown.given, shown.label), "label": shown.label}
    if shown.waits:
        fields["waits"] = True
    slice_ = slice_of_scope(shown.scope)
    return fields if slice_ is None else {**fields, "slice": list(slice_)}


def slice_of_scope(scope: Any) -> tuple[int, int] | None:
    """The axis and slice of a session whose model works in one slice."""
    return (scope[1], scope[2]) if isinstance(scope, tuple) and len(scope) == 3 else None


def model_of_scope(session: PromptSession) -> str | None:
    """The model that a session's prompts are for."""
    return str(session.scope[0]) if isinstance(session.scope, tuple) and session.scope else None
