"""The highest score of the scoring method ``"disagreement"``."""

from __future__ import annotations

from jlabel.registry import PublishedModel
from jlabel.selection.strategies.score_strategy import ScoreStrategy


class Disagreement(ScoreStrategy):
    """Chooses the image on which the last versions of the model agree least.

    It is a strategy by the scoring method ``"disagreement"``: 1 − the mean pairwise soft
    Dice of the last versions' answers, or of those for flipped images.

    Args:
        model: The infer task that was scored, by its name in the app; "" for any.
        published: The model that is published for that task, to tell whether one was trained.
        seed: Of what is drawn before there are scores.
        description: Shown to users.

    Examples:
        >>> datastore = jlabel.LocalDatastore(studies)
        >>> strategy = jlabel.Disagreement(model="segmentation")
        >>> strategy.readiness(datastore)
        "needs scores: manager.score('disagreement')"
        >>> datastore.scores.save([jlabel.Score("case_1", "disagreement", 0.4, "segmentation", 3)])
        >>> strategy.readiness(datastore)
        'scored with version 3: 1 of 3'
        >>> strategy.reason(0.4, {"liver": 0.4, "spleen": 0.1})
        'last versions agree least on liver, 0.4'
    """

    high, high_without_label = "last versions agree least on {}", "last versions agree least"

    def __init__(
        self,
        model: str = "",
        published: PublishedModel | None = None,
        seed: int = 0,
        description: str = "The image on which the last versions of the model agree least",
    ) -> None:
        super().__init__("disagreement", model, published, seed, description)
