"""How a simulated annotator labels one image: from the first mask, or from nothing, to a target Dice."""

from __future__ import annotations

import copy
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.annotators.annotator import Annotator
from jlabel.effort import SecondsModel
from jlabel.imaging import Image
from jlabel.manager import AppManager
from jlabel.prompts.prompt import Prompt
from jlabel.simulation.session import Session, run_session
from jlabel.simulation.time_taken import by_hand_seconds, looking_seconds, session_seconds
from jlabel.types import LabelMap


@dataclass(frozen=True)
class Way:
    """How images are labelled.

    Attributes:
        annotator: Who labels.
        tool: The interactive model that answers, by its name in the app.
        first_masks: The model that makes first masks; "" for none.
        target: The Dice of each structure with which the annotator is content.
        most_clicks: Clicks at most for each structure; one that is not good enough then is finished by hand.
        seconds: How long what is done takes a person.
    """

    annotator: Annotator
    tool: str
    first_masks: str
    target: float
    most_clicks: int
    seconds: SecondsModel


@dataclass(frozen=True, eq=False)
class Labelled:
    """A label as it was made.

    Attributes:
        label: What is saved.
        row: What it has cost, JSON values.
    """

    label: LabelMap
    row: dict[str, Any]


def label_image(manager: AppManager, image_id: str, truth: LabelMap, way: Way, values: Mapping[str, int]) -> Labelled:
    """Label an image as the annotator does: each structure in turn, none painted over one before.

    Args:
        manager: Of the app.
        image_id: The image.
        truth: The right label.
        way: How.
        values: The structures to label, name to value.

    Raises:
        TaskError: A model failed.
    """
    image = manager.image(image_id)
    first, version = first_masks(manager, image_id, way, values)
    label = np.zeros(image.shape, np.result_type(np.min_scalar_type(max(values.values(), default=1)), np.uint8))
    structures: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        wanted = np.asarray(truth == value)
        start = first.get(name)
        if not wanted.any() and start is None:
            continue
        session = _corrected(manager, image_id, image, wanted, start, way, (name, value))
        good = session.content
        made = session.mask if good else wanted
        label[made & (label == 0)] = value
        seconds = session_seconds(session, image.spacing, way.seconds)
        seconds += 0.0 if good else by_hand_seconds(session.mask, wanted, image.spacing, way.seconds)
        structures[name] = {
            "clicks": len(session.steps),
            "prompts": len(session.first),
            "first": None if start is None else round(session.scores[0], 4),
            "final": round(session.final, 4),
            "by_hand": not good,
            "seconds": round(seconds, 2),
        }
    looking = looking_seconds(label, image.spacing, way.seconds)
    return Labelled(
        label, {"image": image_id, "version": version, **_sums(structures, looking), "structures": structures}
    )


def first_masks(
    manager: AppManager, image_id: str, way: Way, values: Mapping[str, int], image: Image | None = None
) -> tuple[dict[str, NDArray[np.bool_]], int | None]:
    """The masks that the model makes, of the structures that it finds, and its version; none where it cannot run yet.

    Args:
        manager: Of the app.
        image_id: The image.
        way: Names the model.
        values: The structures, name to value.
        image: The image, where it is none of the datastore.

    Raises:
        TaskError: The model failed.
    """
    task = manager.app.infers.get(way.first_masks)
    if task is None or not task.is_valid():
        return {}, None
    result = manager.submit(way.first_masks, image_id, image=image).future.result()
    found = {name: result.mask == result.labels[name] for name in values if name in result.labels}
    return {name: mask for name, mask in found.items() if mask.any()}, result.version


def _corrected(
    manager: AppManager,
    image_id: str,
    image: Image,
    wanted: NDArray[np.bool_],
    start: NDArray[np.bool_] | None,
    way: Way,
    structure: tuple[str, int],
) -> Session:
    name, value = structure

    def ask(prompts: tuple[Prompt, ...]) -> NDArray[np.bool_]:
        return np.asarray(manager.infer(way.tool, image_id, prompts, label=name).mask > 0)

    hand = _fresh(way.annotator, image_id, value)
    if start is not None and not manager.app.infers[way.tool].takes_mask:
        # Such a tool cannot correct: a first mask that is not good enough is of no use to it.
        judged = run_session(ask, image, wanted, hand, 0, start, way.target)
        if judged.content:
            return judged
        hand, start = _fresh(way.annotator, image_id, value), None
    return run_session(ask, image, wanted, hand, way.most_clicks, start, way.target)


def _fresh(annotator: Annotator, image_id: str, value: int) -> Annotator:
    """The annotator as for the first time, with chances of its own for this structure of this image.

    Whatever was labelled before, and in whatever order: two strategies get the same hand for the same image.
    """
    seeded = getattr(annotator, "seeded", None)
    made: Annotator = copy.deepcopy(annotator) if seeded is None else seeded(zlib.crc32(image_id.encode()), value)
    return made


def _sums(structures: Mapping[str, Mapping[str, Any]], looking: float) -> dict[str, Any]:
    each = structures.values()
    firsts = [one["first"] for one in each if one["first"] is not None]
    return {
        "clicks": sum(one["clicks"] for one in each),
        "prompts": sum(one["prompts"] for one in each),
        "by_hand": sum(one["by_hand"] for one in each),
        "first_dice": round(float(np.mean(firsts)), 4) if firsts else None,
        "final_dice": round(float(np.mean([one["final"] for one in each])), 4) if structures else None,
        "seconds": round(looking + sum(one["seconds"] for one in each), 2),
    }
