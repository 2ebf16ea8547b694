"""The labels that people work with: what an app declares, and what they changed of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from jlabel.datastores.spelling import canonical
from jlabel.errors import LabelError
from jlabel.labels.label import LARGEST_VALUE, PALETTE, Label
from jlabel.labels.label_entry import LONGEST_NAME, Entry, color_text, entries_of, entry_json
from jlabel.labels.names import label_name
from jlabel.labels.object_values import ObjectValues


@dataclass(frozen=True)
class LabelSet:
    """The labels of an app as people changed them. A value never stands for another structure, even when it is free.

    Attributes:
        entries: The labels, in the order in which they are shown.
        deleted: Those that were deleted or merged into another one: their values stay taken.
        others: Those that another app on the same studies declares.
    """

    entries: tuple[Entry, ...]
    deleted: tuple[Entry, ...] = ()
    others: tuple[Entry, ...] = field(default=())

    @property
    def labels(self) -> tuple[Label, ...]:
        """The labels, in the order in which they are shown."""
        return tuple(entry.label for entry in self.entries)

    @property
    def named(self) -> tuple[Label, ...]:
        """The labels without those that nobody has named."""
        return tuple(entry.label for entry in self.entries if not entry.unnamed)

    @property
    def unnamed_values(self) -> tuple[int, ...]:
        """The values of the labels that nobody has named."""
        return tuple(entry.label.value for entry in self.entries if entry.unnamed)

    @cached_property
    def objects(self) -> ObjectValues | None:
        """The values of objects, where those of a label are told apart."""
        label = next((entry.label for entry in self.entries if entry.label.instances), None)
        if label is None:
            return None
        others = (entry for entry in (*self.entries, *self.deleted, *self.others) if not entry.unnamed)
        return ObjectValues(label, frozenset(entry.label.value for entry in others) - {label.value})

    @property
    def info(self) -> dict[str, Any]:
        """What is kept with a label that has these values: the names, and whose objects are told apart."""
        values = {label.name: label.value for label in self.named}
        apart = {} if self.objects is None else {"instances": self.objects.label.name}
        return {"label_names": list(values), "labels": values, **apart}

    def get(self, name: str) -> Entry:
        """The label of that name.

        Raises:
            LabelError: There is none.
        """
        composed = canonical(name) if isinstance(name, str) else name
        for entry in self.entries:
            if entry.label.name == composed:
                return entry
        raise LabelError(f"no label {name!r}; the labels are {', '.join(label.name for label in self.labels)}")

    def name_of(self, value: int) -> str:
        """The name of the label of that value.

        Raises:
            LabelError: There is none.
        """
        for label in self.labels:
            if label.value == value:
                return label.name
        raise LabelError("this label is gone: it was deleted or merged meanwhile")

    # What models see.

    def names_for(self, name: str) -> tuple[str, ...]:
        """The names under which a model may know a label, the likeliest first."""
        found = next((entry for entry in self.entries if entry.label.name == canonical(name)), None)
        return (*found.declared, found.label.name) if found is not None else (name,)

    def values_for(self, names: Iterable[str]) -> dict[str, int]:
        """Values by declared name, and for the given names where they are those of labels.

        A label that was renamed is found under the name that the app gave it, one that was merged has its new value,
        and one that was deleted still has its own, see :attr:`lost_values`. A name in decomposed letters is found, and
        stays as it was given.
        """
        values = {name: entry.label.value for entry in (*self.deleted, *self.entries) for name in entry.declared}
        known = {**{label.name: label.value for label in self.labels}, **values}
        composed = {name: canonical(name) for name in names}
        return {**{name: known[same] for name, same in composed.items() if same in known}, **values}

    @property
    def learnt_values(self) -> dict[str, int]:
        """Values by the name under which a model learns a label: the app's, where it declares the label."""
        named = [entry for entry in self.entries if not entry.unnamed]
        return {(*entry.declared, entry.label.name)[0]: entry.label.value for entry in named}

    @property
    def lost_values(self) -> frozenset[int]:
        """Values of deleted labels that a model may still answer with; nobody wants to see them."""
        claimed = {name for entry in self.entries for name in entry.declared}
        return frozenset(entry.label.value for entry in self.deleted if not claimed.issuperset(entry.declared))

    # Changes; each gives another set.

    def with_unnamed(self, values: Iterable[int]) -> LabelSet:
        """With a label for each value that has none, called ``"value 7"``; it is kept once it gets a name."""
        result = self
        for value in sorted(set(values) - {label.value for label in self.labels}):
            if 1 <= value <= LARGEST_VALUE:
                result = result._with_unnamed(value)
        return result

    def _with_unnamed(self, value: int) -> LabelSet:
        names = {label.name for label in self.labels}
        name = next(n for n in (f"value {value}", *(f"value {value} ({i})" for i in range(2, 99))) if n not in names)
        other = next((entry for entry in self.others if entry.label.value == value), None)
        label = Label(name, value, self._freecolor_text() if other is None else other.label.color)
        entry = Entry(label, () if other is None else other.declared, unnamed=True)
        return replace(self, entries=(*self.entries, entry))

    def _name(self, entry: Entry, label: Label, colored: bool) -> LabelSet:
        """With a label that nobody had named as one that is kept; its value stands for nothing else any more."""
        made = self._with(entry, replace(entry, label=label, colored=colored, unnamed=False))
        rest = {
            which: tuple(one for one in getattr(self, which) if one.label.value != label.value)
            for which in ("deleted", "others")
        }
        return replace(made, deleted=rest["deleted"], others=rest["others"])

    def add(
        self, name: str, color: str | None = None, value: int | None = None, seen: Collection[int] = ()
    ) -> LabelSet:
        """With one more label, the last.

        Args:
            name: Its name.
            color: ``#rrggbb``; one that is not used yet if not given.
            value: 1 to 65,535; the next free one if not given.
            seen: Values that the next free one must not be either.

        Raises:
            LabelError: The name or the value is taken, or cannot be used.
        """
        name = self._free_name(name)
        taken = self._taken()
        if value is None:
            value = self._next_value(taken | set(seen))
        elif not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LARGEST_VALUE:
            raise LabelError(f"a label's value is a whole number from 1 to {LARGEST_VALUE}, not {value!r}")
        elif value in self.unnamed_values:
            entry = self.get(self.name_of(value))
            chosen = entry.label.color if color is None else color_text(color)
            return self._name(entry, Label(name, value, chosen), color is not None)
        elif value in taken:
            raise LabelError(f"the value {value} is taken; a value is never used for another label")
        lost = any(name in entry.declared for entry in self.deleted)
        label = Label(name, value, self._freecolor_text() if color is None else color_text(color))
        deleted = tuple(_without(entry, {name}) for entry in self.deleted)
        entry = Entry(label, (name,) if lost and not self._declares(name) else (), color is not None)
        return replace(self, entries=(*self.entries, entry), deleted=deleted)

    def rename(self, name: str, to: str) -> LabelSet:
        """With another name for a label.

        Raises:
            LabelError: There is no such label, or the new name is taken or cannot be used.
        """
        entry = self.get(name)
        to = self._free_name(to, entry)
        if entry.unnamed:
            return self._name(entry, replace(entry.label, name=to), entry.colored)
        return self._with(entry, replace(entry, label=replace(entry.label, name=to)))

    def recolor(self, name: str, color: str) -> LabelSet:
        """With another colour, ``#rrggbb``, for a label.

        Raises:
            LabelError: There is no such label, or that is no colour.
        """
        entry = self.get(name)
        if entry.unnamed:
            return self._name(entry, replace(entry.label, color=color_text(color)), True)
        return self._with(entry, replace(entry, label=replace(entry.label, color=color_text(color)), colored=True))

    def tell_apart(self, name: str, on: bool = True) -> LabelSet:
        """With a label whose objects are told apart from now on, or not any more.

        Raises:
            LabelError: There is no such label, nobody has named it, or those of another label are told apart.
        """
        entry = self.get(name)
        if entry.unnamed:
            raise LabelError(f"{name} has no name yet; rename it before its objects are told apart")
        if on and self.objects is not None and self.objects.label != entry.label:
            other = self.objects.label.name
            raise LabelError(f"the objects of {other} are told apart, and one label can have that; end it there first")
        return self._with(entry, replace(entry, label=replace(entry.label, instances=on), undivided=not on))

    def move(self, name: str, place: int) -> LabelSet:
        """With a label at another place, counted from 0.

        Raises:
            LabelError: There is no such label.
        """
        entry = self.get(name)
        rest = [one for one in self.entries if one is not entry]
        place = max(0, min(len(rest), place))
        return replace(self, entries=(*rest[:place], entry, *rest[place:]))

    def merge(self, name: str, into: str) -> LabelSet:
        """Without a label, whose declared names stand for another one from now on.

        Raises:
            LabelError: There is no such label, or they are the same.
        """
        entry, target = self.get(name), self.get(into)
        if entry is target:
            raise LabelError(f"{name} cannot be merged into itself")
        widened = replace(target, declared=(*target.declared, *entry.declared))
        return self._with(target, widened).delete(name)

    def delete(self, name: str) -> LabelSet:
        """Without a label.

        Raises:
            LabelError: There is no such label, or it is the last one.
        """
        entry = self.get(name)
        if len(self.entries) == 1:
            raise LabelError(f"{name} is the only label; add another one before you delete it")
        entries = tuple(one for one in self.entries if one is not entry)
        return replace(self, entries=entries, deleted=(*self.deleted, entry))

    def restore(self, value: int, place: int) -> LabelSet:
        """With a label that was deleted or merged again, at that place; where its name is taken, with a number behind.

        Raises:
            LabelError: None of that value was deleted.
        """
        gone = next((entry for entry in self.deleted if entry.label.value == value), None)
        if gone is None:
            raise LabelError(f"no label of the value {value} was deleted")
        names = {label.name for label in self.labels}
        name = gone.label.name
        free = next(n for n in (name, *(f"{name} {i}" for i in range(2, len(names) + 3))) if n not in names)
        others = [_without(entry, set(gone.declared)) for entry in self.entries]
        apart = gone.label.instances and self.objects is None
        back = replace(gone, label=replace(gone.label, name=free, instances=apart))
        entries = (*others[:place], back, *others[place:])
        return replace(self, entries=entries, deleted=tuple(entry for entry in self.deleted if entry is not gone))

    # Between an app and what is kept.

    @classmethod
    def of(cls, declared: Iterable[Label]) -> LabelSet:
        """The labels as the app declares them."""
        return cls(tuple(Entry(label, (label.name,)) for label in declared))

    @classmethod
    def joined(cls, kept: Mapping[str, Any] | None, declared: tuple[Label, ...]) -> LabelSet:
        """What was kept of a set, with what the app declares now.

        What people changed stays: names, order, deleted labels, and always the values. Labels that the app declares
        for the first time come last; where another label has their value, they get a free one. Labels that only
        another app declares are left out, and stay kept.

        Args:
            kept: From :meth:`to_json`, or None.
            declared: The app's labels.

        """
        if kept is None:
            return cls.of(declared)
        stored, deleted = entries_of(kept.get("labels")), entries_of(kept.get("deleted"))
        names = {label.name for label in declared}
        entries = [entry for entry in stored if not entry.declared or names.intersection(entry.declared)]
        others = tuple(entry for entry in stored if entry not in entries)
        result = cls(tuple(entries), deleted, others)
        for label in declared:
            result = result._declare(label)
        result = result._apart_as_declared(declared)
        return result if result.entries else cls.of(declared)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON, without what nobody has named."""
        kept = (entry for entry in (*self.entries, *self.others) if not entry.unnamed)
        deleted = (entry for entry in self.deleted if not entry.unnamed)
        return {"labels": [entry_json(entry) for entry in kept], "deleted": [entry_json(entry) for entry in deleted]}

    def _declare(self, label: Label) -> LabelSet:
        known = next((entry for entry in self.entries if label.name in entry.declared), None)
        if known is not None:
            if known.colored or known.declared[0] != label.name:
                return self
            return self._with(known, replace(known, label=replace(known.label, color=label.color)))
        if any(label.name in entry.declared for entry in self.deleted):
            return self
        same = next((entry for entry in self.entries if entry.label.name == label.name), None)
        if same is not None:
            return self._with(same, replace(same, declared=(*same.declared, label.name)))
        here = {entry.label.value for entry in (*self.entries, *self.deleted)}
        value = label.value if label.value not in here else self._next_value(self._taken())
        entry = Entry(replace(label, value=value, instances=False), (label.name,))
        return replace(self, entries=(*self.entries, entry))

    def _apart_as_declared(self, declared: Iterable[Label]) -> LabelSet:
        """With the objects of a label told apart where the app declares so and no person said otherwise."""
        apart = {label.name for label in declared if label.instances}
        entry = next((entry for entry in self.entries if apart.intersection(entry.declared)), None)
        if entry is None or entry.undivided or self.objects is not None:
            return self
        return self._with(entry, replace(entry, label=replace(entry.label, instances=True)))

    def _declares(self, name: str) -> bool:
        return any(name in entry.declared for entry in self.entries)

    def _with(self, old: Entry, new: Entry) -> LabelSet:
        return replace(self, entries=tuple(new if entry is old else entry for entry in self.entries))

    def _taken(self) -> set[int]:
        return {entry.label.value for entry in (*self.entries, *self.deleted, *self.others)}

    def _next_value(self, taken: Collection[int]) -> int:
        if self.objects is None:
            return _next_value(taken)
        # Above it are objects, of other images too: those far up come last.
        below, above = range(1, self.objects.first), range(LARGEST_VALUE, self.objects.first, -1)
        free = next((value for value in (*below, *above) if value not in taken), None)
        return _next_value(taken) if free is None else free

    def _freecolor_text(self) -> str:
        used = [label.color.lower() for label in self.labels]
        return min(PALETTE, key=used.count)

    def _free_name(self, name: object, but: Entry | None = None) -> str:
        if not isinstance(name, str) or not name.strip():
            raise LabelError("a label needs a name")
        clean = label_name(" ".join(name.split()))
        if len(clean) > LONGEST_NAME:
            raise LabelError(f"a label's name has at most {LONGEST_NAME} characters, not {len(clean)}")
        if clean.lower() == "background":
            raise LabelError("background is what has no label; choose another name")
        if any(entry is not but and entry.label.name == clean for entry in self.entries):
            raise LabelError(f"there is a label {clean!r} already")
        return clean


def _next_value(taken: Collection[int]) -> int:
    after = max(taken, default=0) + 1
    free = after if after <= LARGEST_VALUE else next((v for v in range(1, after) if v not in taken), 0)
    if free == 0:
        raise LabelError(f"all {LARGEST_VALUE} values are taken")
    return free


def _without(entry: Entry, names: set[str]) -> Entry:
    return replace(entry, declared=tuple(name for name in entry.declared if name not in names))
