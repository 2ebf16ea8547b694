"""The labels that people work with: kept with the studies, and translated for models, which know the app's names."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from jlabel.datastores import Datastore
from jlabel.datastores.spelling import canonical
from jlabel.errors import LabelError, TaskError
from jlabel.labels.label import Label
from jlabel.labels.label_set import LabelSet
from jlabel.prompts.prompt import Prompt
from jlabel.tasks.infer import InferTask
from jlabel.tasks.request import InferResult

Change = Callable[[LabelSet], LabelSet]
# Values of one image that nobody has named and that are listed all the same: a mask may have thousands.
_MOST_UNNAMED = 64


class LabelTranslation:
    """The label set of one app on its studies. What this process saw last is at hand without looking at the disk.

    Args:
        datastore: Where it is kept.
        declared: The app's labels.

    Raises:
        DatastoreError: The datastore cannot be read.
        LabelError: What was kept cannot be understood.
    """

    def __init__(self, datastore: Datastore, declared: tuple[Label, ...]) -> None:
        self._datastore = datastore
        self._declared = declared
        self._writing = threading.Lock()
        self._turn = threading.Lock()
        self._foreseen: list[Change] = []
        self._unnamed: tuple[int, ...] = ()
        self.current = LabelSet.of(declared)
        self.refresh()

    def refresh(self) -> None:
        """Look what others have changed meanwhile."""
        with self._writing:
            kept = self._datastore.label_set()
            found = LabelSet.joined(kept, self._declared)
            if kept is not None and {entry.label.value for entry in found.entries} - _values(kept):
                # The app declares new labels: others must not take the values that they got.
                kept = self._datastore.change_label_set(lambda now: LabelSet.joined(now, self._declared).to_json())
                found = LabelSet.joined(kept, self._declared)
            self._take(found)

    def change(self, change: Change) -> LabelSet:
        """Change the set as it is now, whoever changed it last, and keep it; returns it.

        Raises:
            LabelError: The change cannot be made.
            DatastoreError: It cannot be kept; then nothing has changed.
        """
        with self._writing:
            made = self._write(change)
            self._take(made)
        return made

    def foresee(self, change: Change) -> None:
        """Show a change at once, and keep it when :meth:`keep_foreseen` is called; left out where it cannot be made."""
        with self._turn:
            self._foreseen.append(change)
            self.current = _applied([change], self.current)

    def keep_foreseen(self) -> None:
        """Keep what was foreseen.

        Raises:
            DatastoreError: It cannot be kept; it is shown until somebody looks again.
        """
        with self._writing:
            with self._turn:
                changes, self._foreseen = self._foreseen, []
            if changes:
                self._take(self._write(lambda now: _applied(changes, now)))

    def show_unnamed(self, values: Iterable[int]) -> bool:
        """Show a label for each of those values that has no name, and no other such ones; kept once they are named.

        Values of objects that are told apart belong to their label and need no name.

        Returns:
            Whether other labels are shown now.
        """
        with self._turn:
            before = self.current
            named = {entry.label.value for entry in before.entries if not entry.unnamed}
            named |= set() if before.objects is None else set(before.objects.among(values))
            self._unnamed = tuple(sorted(set(values) - named))[:_MOST_UNNAMED]
            entries = tuple(
                entry for entry in before.entries if not entry.unnamed or entry.label.value in self._unnamed
            )
            self.current = replace(before, entries=entries).with_unnamed(self._unnamed)
            return self.current.entries != before.entries

    def _write(self, change: Change) -> LabelSet:
        made: list[LabelSet] = []

        def apply(kept: dict[str, Any] | None) -> dict[str, Any]:
            made[:] = [change(LabelSet.joined(kept, self._declared).with_unnamed(self._unnamed))]
            return made[0].to_json()

        self._datastore.change_label_set(apply)
        # One that was named, merged or deleted is none of them any more.
        self._unnamed = made[0].unnamed_values
        return made[0]

    def _take(self, found: LabelSet) -> None:
        with self._turn:
            self.current = _applied(self._foreseen, found.with_unnamed(self._unnamed))

    def asked_as(self, label: str, task: InferTask) -> str:
        """The name under which a task knows a label, in the task's own spelling; the label's own where it does not."""
        names, known = self.current.names_for(label), {canonical(name): name for name in task.labels}
        return next((known[canonical(name)] for name in names if canonical(name) in known), names[0])

    def check(self, label: str, task: InferTask) -> None:
        """Raise where neither the app nor the task knows a label.

        Raises:
            TaskError: Neither does.
        """
        known = {*self.current.values_for([label]), *map(canonical, task.labels)}
        if label and known.isdisjoint((label, canonical(label))):
            raise TaskError(f"no label {label!r}; the labels are {', '.join(one.name for one in self.current.labels)}")

    def asked_prompts(self, prompts: Iterable[Prompt], task: InferTask) -> tuple[Prompt, ...]:
        """The prompts with the names of their labels as a task knows them."""
        return tuple(_renamed(prompt, self.asked_as(prompt.label, task)) for prompt in prompts)

    def values_for(self, task: InferTask, label: str) -> dict[str, int]:
        """Names to values as a task should see them: what apps declare, what models learn, and what it is asked for."""
        # A label that a person added is declared by nobody, and a version may have learnt it all the same.
        values = {**self.current.learnt_values, **self.current.values_for((*task.labels, label))}
        asked = [one.value for one in self.current.labels if one.name == canonical(label)]
        return {**values, **{self.asked_as(label, task): value for value in asked}}

    def without_lost(self, result: InferResult) -> InferResult:
        """An answer without the voxels of labels that were deleted."""
        lost = self.current.lost_values
        if not lost.intersection(result.labels.values()):
            return result
        values = np.where(np.isin(result.values, list(lost)), 0, result.values).astype(result.values.dtype)
        labels = {name: value for name, value in result.labels.items() if value not in lost}
        if result.probabilities is None:
            return replace(result, values=values, labels=labels)
        kept = [i for i, name in enumerate(result.classes) if result.labels.get(name) not in lost]
        sure, classes = result.probabilities[kept], tuple(result.classes[i] for i in kept)
        return replace(result, values=values, labels=labels, probabilities=sure, classes=classes)


def _applied(changes: Iterable[Change], labels: LabelSet) -> LabelSet:
    for change in changes:
        with contextlib.suppress(LabelError):
            labels = change(labels)
    return labels


def _renamed(prompt: Prompt, label: str) -> Prompt:
    return prompt if prompt.label == label else replace(prompt, label=label)


def _values(kept: dict[str, Any]) -> set[int]:
    """The values that a kept label set takes; what makes no sense in it takes none."""
    labels = kept.get("labels")
    found = [item.get("value") for item in labels if isinstance(item, dict)] if isinstance(labels, list) else []
    return {value for value in found if isinstance(value, int)}
