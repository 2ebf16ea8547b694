"""Prompts of several structures over each other: moved or removed as if they had been so from the beginning."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from jlabel.annotation.draft import Draft
from jlabel.annotation.prompt_group import GivenPrompt, Key, PromptGroup
from jlabel.annotation.prompt_serialization import prompt_groups_from_json, prompt_groups_to_json
from jlabel.imaging import Region
from jlabel.prompts import Box
from jlabel.tasks import InferResult

SHAPE = (6, 5)
# Two models work on the first label, one on the second.
KEYS: tuple[Key, ...] = ((1, ("m",)), (1, ("n",)), (2, ("m",)))


def filled(boxes: list[Box]) -> NDArray[np.bool_]:
    """What the model of these tests answers: all voxels of the boxes."""
    inside = np.zeros(SHAPE, bool)
    for box in boxes:
        inside[box.lower[0] : box.upper[0] + 1, box.lower[1] : box.upper[1] + 1] = True
    return inside


@dataclass
class Layers:
    """The simple model: what was painted and answered, one over the other, put together anew each time."""

    layers: list[tuple[Key | None, NDArray[np.bool_], int]] = field(default_factory=list)
    boxes: dict[Key, dict[str, Box]] = field(default_factory=dict)

    def copy(self) -> Layers:
        return Layers(list(self.layers), {key: dict(boxes) for key, boxes in self.boxes.items()})

    def mask(self) -> NDArray[np.uint8]:
        mask = np.zeros(SHAPE, np.uint8)
        for _, where, value in self.layers:
            mask[where] = value
        return mask

    def answer(self, key: Key) -> None:
        self.layers = [layer for layer in self.layers if layer[0] != key]
        if self.boxes[key]:
            self.layers.append((key, filled(list(self.boxes[key].values())), key[0]))
        else:
            del self.boxes[key]

    def paint(self, where: NDArray[np.bool_], value: int) -> None:
        before = self.mask()
        # A stroke that changes nothing leaves everything to the prompts.
        where = where & (before != value)
        self.layers.append((None, where, value))
        changed = before != self.mask()
        touched = {*before[changed].tolist(), *self.mask()[changed].tolist()}
        for key in [key for key in self.boxes if key[0] in touched]:
            del self.boxes[key]
            self.layers = [(None if of == key else of, *rest) for of, *rest in self.layers]  # type: ignore[misc]


def ask(draft: Draft, group: PromptGroup) -> None:
    """The answer to a session's prompts, or what is left without any."""
    boxes = [prompt for prompt in group.prompts if isinstance(prompt, Box)]
    if not boxes:
        draft.unanswer(group)
        return
    region = Region.whole(SHAPE)
    inside = filled(boxes)
    part = Region.around(np.argwhere(inside)) if len(boxes) % 2 else region
    draft.answer(InferResult(part, inside[part.slices].astype(np.uint8), SHAPE, {}), group, replaces=False)


def ids(draft: Draft) -> dict[Key, dict[str, Any]]:
    return {one.key: {given.id: given.prompt for given in one.given} for one in draft.groups}


corner = st.tuples(*(st.integers(0, n - 1) for n in SHAPE))
boxes = st.builds(Box, corner, corner)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from(KEYS), boxes),
        st.tuples(st.just("move"), st.integers(0, 9), boxes),
        st.tuples(st.just("remove"), st.integers(0, 9), boxes),
        st.tuples(st.just("paint"), st.integers(0, 2), boxes),
        st.tuples(st.sampled_from(["undo", "redo", "reopen"]), st.just(0), boxes),
    ),
    max_size=25,
)


ONE, TWO = Box((0, 0), (0, 0)), Box((0, 0), (0, 1))


# What was painted between two answers stays when the lower one is given anew, and the upper one moves after.
@example(
    [
        ("add", KEYS[0], TWO),
        ("add", KEYS[2], TWO),
        ("add", KEYS[2], ONE),
        ("add", KEYS[0], ONE),
        ("paint", 0, ONE),
        ("add", KEYS[0], TWO),
        ("add", KEYS[2], ONE),
        ("remove", 0, ONE),
        ("move", 2, ONE),
    ]
)
@settings(max_examples=300)
@given(steps)
def test_the_mask_is_what_it_would_be_had_all_prompts_been_where_they_are(sequence):
    draft, model = Draft(SHAPE), Layers()
    done, undone = [model.copy()], []
    for kind, choice, box in sequence:
        prompts = [(key, name) for key, given in model.boxes.items() for name in given]
        if kind in ("move", "remove") and not prompts:
            continue
        if kind == "undo":
            if draft.undo() is not None:
                undone.append(done.pop())
            model = done[-1].copy()
        elif kind == "redo":
            if draft.redo() is not None:
                done.append(undone.pop())
            model = done[-1].copy()
        elif kind == "reopen":
            draft = reopened(draft)
            done, undone = [model.copy()], []
        else:
            before = model.mask()
            change(draft, model, prompts, kind, choice, box)
            # A stroke that changes nothing is no step.
            if kind != "paint" or (before != model.mask()).any():
                done.append(model.copy())
                undone.clear()
        np.testing.assert_array_equal(draft.mask, model.mask())
        assert ids(draft) == model.boxes


def change(draft: Draft, model: Layers, prompts: list[tuple[Key, str]], kind: str, choice: Any, box: Box) -> None:
    if kind == "paint":
        where = filled([box])
        model.paint(where, choice)
        draft.paint(Region.whole(SHAPE), where, choice)
    elif kind == "add":
        group = draft.add_prompt(box, "ab"[choice[0] - 1], *choice)
        model.boxes.setdefault(choice, {})[group.given[-1].id] = box
        ask(draft, group)
        model.answer(choice)
    else:
        key, name = prompts[choice % len(prompts)]
        old = draft.layers.with_prompt(name)
        new = old.with_prompt(GivenPrompt(name, box)) if kind == "move" else old.without(name)
        if kind == "move":
            model.boxes[key][name] = box
        else:
            del model.boxes[key][name]
        ask(draft, draft.layers.put(new) if new.given else new)
        model.answer(key)


def reopened(draft: Draft) -> Draft:
    """As a label that was saved and opened in another kernel."""
    again = Draft(SHAPE, draft.mask.copy())
    data = json.loads(json.dumps(prompt_groups_to_json(draft.groups, "uint8")))
    again.restore_prompts(prompt_groups_from_json(data, SHAPE, "uint8"))
    return again


def test_a_lower_answer_is_moved_away_from_under_an_upper_one():
    draft = Draft(SHAPE)
    ask(draft, draft.add_prompt(Box((0, 0), (3, 3)), "a", 1, ("m",), name="lower"))
    ask(draft, draft.add_prompt(Box((2, 2), (4, 4)), "b", 2, ("m",), name="upper"))
    ask(draft, draft.layers.with_prompt("lower").without("lower"))
    assert (draft.mask == 1).sum() == 0
    assert (draft.mask == 2).sum() == 9
    ask(draft, draft.layers.with_prompt("upper").without("upper"))
    assert not draft.mask.any()


def test_two_models_of_one_label_keep_what_both_say():
    draft = Draft(SHAPE)
    ask(draft, draft.add_prompt(Box((0, 0), (3, 3)), "a", 1, ("m",), name="first"))
    ask(draft, draft.add_prompt(Box((2, 2), (4, 4)), "a", 1, ("n",), name="second"))
    ask(draft, draft.layers.with_prompt("first").without("first"))
    assert draft.mask.sum() == 9
    draft.undo()
    ask(draft, draft.layers.with_prompt("second").without("second"))
    assert draft.mask.sum() == 16


def test_waiting_prompts_are_steps_of_their_own():
    draft = Draft(SHAPE)
    for box in (Box((0, 0), (1, 1)), Box((3, 3), (4, 4))):
        draft.add_prompt(box, "a", 1, ("m",))
        draft.settle_prompts()
    [group] = draft.groups
    assert group.stale
    assert [group.waits(given) for given in group.given] == [True, True]
    ask(draft, group)
    assert draft.mask.sum() == 8
    assert not draft.groups[0].stale
    draft.undo()
    assert not draft.mask.any()
    assert len(draft.layers.prompts) == 2
    assert draft.groups[0].stale
    draft.undo()
    assert len(draft.layers.prompts) == 1
    draft.undo()
    assert draft.undo() is None
    for _ in range(3):
        draft.redo()
    assert draft.mask.sum() == 8
    assert not draft.groups[0].stale


def test_the_present_mask_as_a_prompt_begins_anew_on_what_is_there():
    draft = Draft(SHAPE)
    ask(draft, draft.add_prompt(Box((0, 0), (1, 1)), "a", 1, ("m",)))
    group = draft.add_prompt(None, "a", 1, ("m",))
    assert group.prompts == ()
    start = draft.initial_mask(group)
    assert start is not None
    assert start.mask.sum() == 4
    smaller = InferResult(Region.whole(SHAPE), filled([Box((0, 0), (0, 0))]).astype(np.uint8), SHAPE, {})
    draft.answer(smaller, group, replaces=True)
    assert draft.mask.sum() == 1
    assert [given.prompt for given in draft.groups[0].given] == [None]
    draft.undo()
    assert draft.mask.sum() == 4
    assert len(draft.layers.prompts) == 1
