"""What a person can say to a labeler about training, from a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jlabel.jobs import Job

if TYPE_CHECKING:
    from jlabel.widget.desk import Desk


class TrainingMethods:
    """The part of :class:`jlabel.Labeler` that trains."""

    _desk: Desk

    def train(self, name: str | None = None, **options: Any) -> Job:
        """Begin a training in the background, as the button *Train* does, and return its job.

        Args:
            name: The train task; the one that is chosen in the labeler if not given.
            **options: See :meth:`jlabel.AppManager.train`.

        Raises:
            JobError: A training of these studies runs already or waits for its turn.
            TaskError: There is no such train task.
        """
        return self._desk.training.train(name, **options)

    def first_masks(self, model: str | None = None) -> Job:
        """Begin to make masks for all images without a label, as the button *First masks* does, and return the job.

        They are saved under the tag ``original``: an image with a person's label or draft is left as it is.

        Args:
            model: A model that needs no prompts; the chosen one, or the one that is trained here, if not given.

        Raises:
            TaskError: There is no such model, it is not trained yet, or no image is without a label.
            JobError: First masks are being made already.
        """
        return self._desk.first_masks.begin(model)

    @property
    def train_automatically(self) -> bool:
        """Whether trainings begin by themselves: with 5 labels, then with 8, 12, 18, 27, ….

        It is kept with the studies, for every labeler on them, also in other kernels; two never begin one at once.
        """
        return self._desk.training.auto

    @train_automatically.setter
    def train_automatically(self, on: bool) -> None:
        self._desk.training.train_automatically(on)
