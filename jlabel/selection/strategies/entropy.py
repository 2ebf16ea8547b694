"""The highest score of the scoring method ``"entropy"``."""

from __future__ import annotations

from jlabel.registry import PublishedModel
from jlabel.selection.strategies.score_strategy import ScoreStrategy


class Entropy(ScoreStrategy):
    """Chooses the image of which the model is least sure.

    It is a strategy by the scoring method ``"entropy"``: the entropy of the model's answer,
    over the predicted foreground and 2 voxels around it.

    Args:
        model: The infer task that was scored, by its name in the app; "" for any.
        published: The model that is published for that task, to tell whether one was trained.
        seed: Of what is drawn before there are scores.
        description: Shown to users.

    Examples:
        >>> datastore = jlabel.LocalDatastore(studies)
        >>> strategy = jlabel.Entropy(model="segmentation")
        >>> strategy.readiness(datastore)
        "needs scores: manager.score('entropy')"
        >>> datastore.scores.save([jlabel.Score("case_1", "entropy", 0.61, "segmentation", 3)])
        >>> strategy.readiness(datastore)
        'scored with version 3: 1 of 3'
        >>> strategy.reason(0.61, {"liver": 0.61, "spleen": 0.1})
        'most uncertain border of liver, 0.61'
    """

    high, high_without_label = "most uncertain border of {}", "most uncertain image"

    def __init__(
        self,
        model: str = "",
        published: PublishedModel | None = None,
        seed: int = 0,
        description: str = "The image of which the model is least sure",
    ) -> None:
        super().__init__("entropy", model, published, seed, description)
