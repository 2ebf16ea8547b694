"""The highest score of the scoring method ``"bald"``."""

from __future__ import annotations

from jlabel.registry import PublishedModel
from jlabel.selection.strategies.score_strategy import ScoreStrategy


class BALD(ScoreStrategy):
    """Chooses the image on which the model's passes with dropout agree least.

    It is a strategy by the scoring method ``"bald"``: the mutual information between the
    answer and the weights (Houlsby et al. 2011), from passes with dropout.

    Args:
        model: The infer task that was scored, by its name in the app; "" for any.
        published: The model that is published for that task, to tell whether one was trained.
        seed: Of what is drawn before there are scores.
        description: Shown to users.

    Examples:
        >>> datastore = jlabel.LocalDatastore(studies)
        >>> strategy = jlabel.BALD(model="segmentation")
        >>> strategy.readiness(datastore)
        "needs scores: manager.score('bald')"
        >>> datastore.scores.save([jlabel.Score("case_1", "bald", 0.31, "segmentation", 3)])
        >>> strategy.readiness(datastore)
        'scored with version 3: 1 of 3'
        >>> strategy.reason(0.31, {"liver": 0.31, "spleen": 0.1})
        'passes with dropout agree least on liver, 0.31'
    """

    high, high_without_label = "passes with dropout agree least on {}", "passes with dropout agree least"

    def __init__(
        self,
        model: str = "",
        published: PublishedModel | None = None,
        seed: int = 0,
        description: str = "The image on which the model's passes with dropout agree least",
    ) -> None:
        super().__init__("bald", model, published, seed, description)
