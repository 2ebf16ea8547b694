"""The strategies that an app has unless its author says otherwise."""

from __future__ import annotations

from collections.abc import Mapping

from jlabel.selection.strategies import (
    BALD,
    ClaSP,
    CoreSet,
    Disagreement,
    Entropy,
    Epistemic,
    First,
    ForegroundRandom,
    Last,
    PowerNoise,
    Random,
    TypiClust,
)
from jlabel.tasks.infer import InferTask
from jlabel.tasks.strategy import Strategy


def default_strategies(infers: Mapping[str, InferTask]) -> dict[str, Strategy]:
    """The strategies by name; those that go by a model go by the first infer task that needs no prompts.

    Args:
        infers: The app's infer tasks by name.
    """
    model = next((name for name, task in infers.items() if task.segments_alone), "")
    published = infers[model].published if model else None
    return {
        "random": Random(),
        "first": First(),
        "last": Last(),
        "foreground_random": ForegroundRandom(model),
        "entropy": Entropy(model, published),
        "bald": BALD(model, published),
        "epistemic": Epistemic(model, published),
        "disagreement": Disagreement(model, published),
        "coreset": CoreSet(model),
        "typiclust": TypiClust(),
        "clasp": ClaSP(model, published),
        "power_entropy": PowerNoise(Entropy(model, published)),
    }
