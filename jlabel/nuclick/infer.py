"""NuClick: a network that finds the nucleus, or another small object, at each click.

Alemi Koohbanani et al. 2020, "NuClick: a deep learning framework for interactive segmentation of microscopic images"
(Medical Image Analysis 65, arXiv:2005.14511).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.errors import PromptError
from jlabel.guidance.click_model import ClickModel
from jlabel.imaging.region import Region
from jlabel.prompts.prompt import Click, Prompt
from jlabel.registry import ModelVersion, PublishedModel
from jlabel.segmentation.network import make_network
from jlabel.segmentation.plan import Plan
from jlabel.tasks.crop import Crop
from jlabel.tasks.keys import Step
from jlabel.tasks.request import InferRequest, InferResult, Stopwatch
from jlabel.tasks.stages import Callbacks

if TYPE_CHECKING:
    import torch

#: The parameter of a call that gives each object a value of its own.
INSTANCES = "instances"


class NuClick(ClickModel):
    """Finds the object at each positive click in a picture: a nucleus, a cell, or whatever it has learnt.

    :class:`jlabel.NuClickTrainTask` trains the network. It sees a patch about one click, with all other clicks in a map
    of exclusion: what lies there is another object. Of the answer, the part at the click is taken, with its holes
    filled. Negative clicks say what belongs to none of the objects.

    By default all objects get the label's value. With ``instances=True`` (``manager.infer("nuclick", image,
    prompts=clicks, label="nucleus", instances=True)``) each gets a value of its own, in the order of the clicks: the
    label's and those above it that no other label has.

    Source: Alemi Koohbanani et al. 2020 (arXiv:2005.14511).

    Args:
        published: The model that the train task publishes.
        labels: The structures, in the order of the app; all labels of the app if not given.
        description: Shown to users.

    Examples:
        >>> from jlabel.registry import ModelStore
        >>> published = jlabel.PublishedModel(ModelStore(studies / ".jlabel" / "models"), "nuclick")
        >>> task = jlabel.NuClick(published, labels=["nucleus"])
        >>> task.interactive, task.dimension, task.config
        (True, 2, {'instances': False})
        >>> task.is_valid()  # not before manager.train("nuclick") has published a version
        False
    """

    def __init__(
        self,
        published: PublishedModel,
        labels: Sequence[str] = (),
        description: str = "Finds the nucleus at each click",
    ) -> None:
        config = {INSTANCES: False}
        super().__init__(
            type="nuclick", labels=labels, dimension=2, published=published, description=description, config=config
        )

    def make_network(self, version: ModelVersion) -> torch.nn.Module:
        """The network of the version's plan."""
        plan = Plan.from_json(version.network)
        return make_network(plan, 1, plan.colours + 2, 2)

    def pre_transforms(self, data: dict[str, Any]) -> Sequence[Step]:
        """None beside those of :class:`jlabel.guidance.click_model.ClickModel`."""
        return []

    def inferer(self, data: dict[str, Any]) -> Callable[..., Any]:
        """The network at once on all of its input."""
        from monai.inferers import SimpleInferer

        inferer: Callable[..., Any] = SimpleInferer()
        return inferer

    def post_transforms(self, data: dict[str, Any]) -> Sequence[Step]:
        """None beside those of :class:`jlabel.guidance.click_model.ClickModel`."""
        return []

    def __call__(self, request: InferRequest, callbacks: Callbacks | None = None) -> InferResult:
        """Find the object at each positive click.

        Raises:
            PromptError: There is no positive click, or a prompt that is no click.
            TaskError: The image is no picture, nothing has been trained yet, or the network failed.
        """
        for prompt in request.prompts:
            if not isinstance(prompt, Click):
                raise PromptError(f"this model takes clicks, not a {type(prompt).__name__.lower()}")
        clicks = [prompt for prompt in request.prompts if isinstance(prompt, Click)]
        positive = [click for click in clicks if click.positive]
        if not positive:
            raise PromptError("click on an object first: a negative click says what belongs to none")
        answers = []
        for click in positive:
            # The click that is meant comes first, see first_region and segment.
            others = [replace(other, positive=False) for other in clicks if other is not click]
            asked = replace(request, prompts=(click, *others), probabilities=False)
            answers.append(super().__call__(asked, callbacks))
        each = bool({**self.config, **request.params}[INSTANCES])
        return _joined(answers, _object_values(answers[0], request, each))

    def first_region(self, prompts: Sequence[Prompt], request: InferRequest, dropped: int | None) -> Region:
        """The patch about the first click."""
        return super().first_region(prompts[:1], request, dropped)

    def segment(self, crop: Crop, request: InferRequest, watch: Stopwatch) -> NDArray[np.bool_]:
        """The object at the first click of the crop, without holes.

        Raises:
            TaskError: The image is no picture, or a step failed.
        """
        clicks = [prompt for prompt in crop.prompts if isinstance(prompt, Click)]
        meant, others = clicks[0].position, [click.position for click in clicks[1:]]
        found = self.logits(crop, request, [[meant], others], watch)[0] > 0
        parts, count = ndimage.label(found)
        if not count:
            return np.asarray(found)
        # A click beside the object is a click on the part nearest to it.
        _, nearest = ndimage.distance_transform_edt(parts == 0, return_indices=True)
        part = parts[tuple(nearest[(slice(None), *meant)])]
        return np.asarray(ndimage.binary_fill_holes(parts == part))


def _object_values(answer: InferResult, request: InferRequest, each: bool) -> list[int]:
    """The values of the objects, in the order of the clicks."""
    first = next(iter(answer.labels.values()), 1)
    count = sum(isinstance(prompt, Click) and prompt.positive for prompt in request.prompts)
    if not each:
        return [first] * count
    taken = set(request.labels.values()) - {first}
    return list(itertools.islice((value for value in itertools.count(first) if value not in taken), count))


def _joined(answers: Sequence[InferResult], values: Sequence[int]) -> InferResult:
    """One answer of several objects; where two of them overlap, the earlier click's is kept."""
    region = answers[0].region
    for answer in answers[1:]:
        region = region.union(answer.region)
    largest = max(values)
    joined = np.zeros(region.shape, np.uint8 if largest <= np.iinfo(np.uint8).max else np.uint16)
    for answer, value in reversed(list(zip(answers, values, strict=True))):
        joined[answer.region.inside(region).slices][answer.values > 0] = value
    times: dict[str, float] = {}
    for answer in answers:
        for stage, seconds in answer.latencies.items():
            times[stage] = times.get(stage, 0.0) + seconds
    return replace(answers[0], region=region, values=joined, latencies=times)
