"""The scoring methods that ask a model how unsure it is."""

from collections.abc import Mapping

from jlabel.selection.scoring.disagreement import DisagreementScoring
from jlabel.selection.scoring.model_scoring import ModelScoring
from jlabel.selection.scoring.uncertainty import BALDScoring, EntropyScoring, EpistemicScoring
from jlabel.tasks.infer import InferTask
from jlabel.tasks.scoring import ScoringMethod

_METHODS = (EntropyScoring, BALDScoring, EpistemicScoring, DisagreementScoring)

__all__ = [
    "BALDScoring",
    "DisagreementScoring",
    "EntropyScoring",
    "EpistemicScoring",
    "ModelScoring",
    "default_scoring_methods",
]


def default_scoring_methods(infers: Mapping[str, InferTask], model: str | None = None) -> dict[str, ScoringMethod]:
    """The scoring methods that ship, by name.

    Args:
        infers: The app's infer tasks by name.
        model: Which of them is asked; the first that needs no prompts if not given, and none where there is none.

    Raises:
        TaskError: There is no such model, or it needs prompts.
    """
    if model is None and not any(task.segments_alone for task in infers.values()):
        return {}
    return {method.name: method(infers, model) for method in _METHODS}
