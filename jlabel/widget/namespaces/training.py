"""Training from a labeler, and first masks by what was trained."""

from __future__ import annotations

from typing import Any

from jlabel.jobs import Job
from jlabel.labeler.controller import LabelerController


class LabelerTraining:
    """Trains in the background with the labels that are saved.

    Examples:
        >>> labeler = jlabel.AppManager(jlabel.RadiologyApp(studies, labels=["liver"]), device="cpu").labeler("case_0")
        >>> labeler.training.automatic
        False
        >>> labeler.training.trainer
        'segmentation'
        >>> labeler.close()
    """

    def __init__(self, controller: LabelerController) -> None:
        self._controller = controller
        self._training = controller.features.training

    @property
    def trainer(self) -> str:
        """The train task that is chosen in the labeler; empty where the app has none."""
        return self._training.trainer

    def start(self, name: str | None = None, **options: Any) -> Job:
        """Begin a training in the background, as the button *Train* does, and return its job.

        Args:
            name: The train task; the one that is chosen in the labeler if not given.
            **options: See :meth:`jlabel.AppManager.train`.

        Raises:
            JobError: A training of these studies runs already or waits for its turn.
            TaskError: There is no such train task.
        """
        return self._training.train(name, **options)

    def first_masks(self, model: str | None = None) -> Job:
        """Begin to make masks for all images without a label, as the button *First masks* does, and return the job.

        They are saved under the tag ``original``: an image with a person's label or draft is left as it is.

        Args:
            model: A model that needs no prompts; the chosen one, or the one that is trained here, if not given.

        Raises:
            TaskError: There is no such model, it is not trained yet, or no image is without a label.
            JobError: First masks are being made already.
        """
        return self._controller.features.pre_annotation.begin(model)

    @property
    def automatic(self) -> bool:
        """Whether trainings begin by themselves: with 5 labels, then with 8, 12, 18, 27, ….

        It is saved with the studies, for every labeler on them, also in other kernels; two never begin one at once.
        """
        return self._training.auto

    @automatic.setter
    def automatic(self, on: bool) -> None:
        self._training.train_automatically(on)
