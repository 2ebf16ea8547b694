"""The prompts as the pages know them: sent apart from the state, and each of them only when it is another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from jlabel.annotation.prompt_group import GivenPrompt, PromptGroup, PromptGroups
from jlabel.annotation.prompt_serialization import given_to_json
from jlabel.labeler.protocol.prompt_messages import PromptInfo, Prompts
from jlabel.labels.object_values import ObjectValues

# Positions of drawn prompts in one message: about a megabyte.
_MOST_POSITIONS = 50_000


class _Shown(NamedTuple):
    given: GivenPrompt
    label: str
    scope: Any
    waits: bool
    value: int | None = None


class PromptUpdates:
    """Remembers what the pages were told."""

    def __init__(self) -> None:
        self._told: dict[str, _Shown] = {}
        self._of: tuple[Any, ...] = ()

    def begin(self) -> None:
        """Another image is open: the pages know no prompts of it."""
        self._told, self._of = {}, ()

    def news(
        self, epoch: int, groups: PromptGroups, names: Mapping[int, str], objects: ObjectValues | None = None
    ) -> Iterator[Prompts]:
        """The messages that tell what is another since the last time; none where nothing is.

        Args:
            groups: All of the draft.
            names: The labels' names by value.
            objects: The values of objects that are told apart; they have their label's name.
        """
        of = (*groups, *names.items(), objects)
        if len(of) == len(self._of) and all(a is b or a == b for a, b in zip(of, self._of, strict=True)):
            return
        shown = _shown(groups, names, objects)
        # In the order in which they came, so that a list of them stays as it is when one is moved.
        now = {name: shown[name] for name in (*(name for name in self._told if name in shown), *shown)}
        put = [name for name, shown in now.items() if not _same(shown, self._told.get(name))]
        changed = put or list(now) != list(self._told)
        self._told, self._of = now, of
        if changed:
            yield from _messages(epoch, now, put)

    def all(self, epoch: int, page: str) -> Iterator[Prompts]:
        """The messages that tell everything to a page that is new."""
        if self._told:
            yield from _messages(epoch, self._told, list(self._told), page)


def _shown(groups: PromptGroups, names: Mapping[int, str], objects: ObjectValues | None) -> dict[str, _Shown]:
    found: dict[str, _Shown] = {}
    for one in groups:
        of_object = objects is not None and one.value in objects
        label = objects.label.name if objects is not None and of_object else names.get(one.value)
        if label is not None:
            value = one.value if of_object else None
            found |= {given.id: _Shown(given, label, one.scope, one.waits(given), value) for given in one.given}
    return found


def _same(a: _Shown, b: _Shown | None) -> bool:
    # By identity, since a comparison of long scribbles takes time.
    return b is not None and a.given is b.given and a[1:] == b[1:]


def _messages(epoch: int, shown: Mapping[str, _Shown], put: list[str], page: str | None = None) -> Iterator[Prompts]:
    portion: list[PromptInfo] = []
    ids, size = list(shown), 0
    for name in put:
        prompt = _to_wire(shown[name])
        size += len(prompt.positions or ()) + len(prompt.points or ()) + 10
        portion.append(prompt)
        if size > _MOST_POSITIONS:
            yield Prompts(client=page, epoch=epoch, ids=ids, put=portion)
            portion, size = [], 0
    yield Prompts(client=page, epoch=epoch, ids=ids, put=portion)


def _to_wire(shown: _Shown) -> PromptInfo:
    fields: dict[str, Any] = {**given_to_json(shown.given, shown.label), "label": shown.label}
    return PromptInfo(**fields, waits=shown.waits or None, slice=slice_of_scope(shown.scope), value=shown.value)


def slice_of_scope(scope: Any) -> tuple[int, int] | None:
    """The axis and slice of a group whose model works in one slice."""
    return (scope[1], scope[2]) if isinstance(scope, tuple) and len(scope) == 3 else None


def model_of_scope(group: PromptGroup) -> str | None:
    """The model that a group's prompts are for."""
    return str(group.scope[0]) if isinstance(group.scope, tuple) and group.scope else None
