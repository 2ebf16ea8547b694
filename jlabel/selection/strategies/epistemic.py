"""The highest score of the scoring method ``"epistemic"``."""

from __future__ import annotations

from jlabel.registry import PublishedModel
from jlabel.selection.strategies.score_strategy import ScoreStrategy


class Epistemic(ScoreStrategy):
    """Chooses the image with the highest epistemic score, as MONAI Label defines it.

    It is a strategy by the scoring method ``"epistemic"``: the variance of the answers of
    passes with dropout.

    Args:
        model: The infer task that was scored, by its name in the app; "" for any.
        published: The model that is published for that task, to tell whether one was trained.
        seed: Of what is drawn before there are scores.
        description: Shown to users.

    Examples:
        >>> datastore = jlabel.LocalDatastore(studies)
        >>> strategy = jlabel.Epistemic(model="segmentation")
        >>> strategy.readiness(datastore)
        "needs scores: manager.score('epistemic')"
        >>> datastore.scores.save([jlabel.Score("case_1", "epistemic", 0.2, "segmentation", 3)])
        >>> strategy.readiness(datastore)
        'scored with version 3: 1 of 3'
        >>> strategy.reason(0.2, {"liver": 0.2, "spleen": 0.1})
        'most varying answers for liver, 0.2'
    """

    high, high_without_label = "most varying answers for {}", "most varying answers"

    def __init__(
        self,
        model: str = "",
        published: PublishedModel | None = None,
        seed: int = 0,
        description: str = "The image with the highest epistemic score of MONAI Label",
    ) -> None:
        super().__init__("epistemic", model, published, seed, description)
