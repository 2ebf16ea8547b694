"""The train task of the click tool's network: it is made to know a project's structures, in two minutes on a CPU."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jlabel.click.network import DESIGNS, Design
from jlabel.click.network import shipped_network as weights_of_the_package
from jlabel.errors import JlabelError, TaskError
from jlabel.files.atomic import atomic_write
from jlabel.imaging import read_image
from jlabel.tasks.keys import Step
from jlabel.training import BasicTrainTask, Context

if TYPE_CHECKING:
    import torch

_CONFIG = {
    "max_seconds": 120.0,
    "max_epochs": 200,
    "samples_per_epoch": 24,
    "learning_rate": None,
    "early_stop_patience": 0,
    "val_interval": None,
    "rounds": 3,
    "norm_only": False,
}
# What has seen nothing like the project's images has far to go, and little time.
_RATES = {2: 1e-3, 3: 6e-3}
_CLICKS = 3  # after which a model is judged
_MOST_LOOKED_AT = 20
_KINDS = {2: "pictures", 3: "volumes"}


class ClickTrainTask(BasicTrainTask):
    """Trains the network of the click tool on a project's own structures.

    Training begins with the weights that are part of the package. A sample is one structure of a labelled image, seen
    as the tool sees it (:class:`jlabel.click.view.View`), with random changes of size, position and brightness. The
    network answers a simulated prompt, gets a click at an error of its answer, and so on, ``rounds`` times; it learns
    from every answer. Pictures train the 2D network and volumes the 3D network; in a folder with both, the kind with
    more images is used.

    Validation measures the Dice after three clicks on an empty mask, for each structure of the validation images. A
    first version that is not better than the weights of the package is published, but not taken into use. With
    ``norm_only`` only the scales and shifts of the normalization layers are trained, as in CLoPA.

    Sources: Sakinis et al. 2019 (arXiv:1903.08205) and RITM (Sofiiuk et al. 2022, arXiv:2102.06583).

    Args:
        description: Shown to users.
        config: Options of the task and their values; see :class:`jlabel.BasicTrainTask`, and ``rounds`` and
            ``norm_only``.
        **options: Further arguments of :class:`jlabel.BasicTrainTask`, such as ``ignore``.

    Examples:
        >>> task = jlabel.ClickTrainTask(config={"max_seconds": 600})
        >>> options = task.info()["config"]
        >>> options["max_seconds"], options["rounds"], options["norm_only"]
        (600, 3, False)
        >>> task.check({"rounds": 5})
        >>> try:
        ...     task.check({"rounds": 0})
        ... except jlabel.TaskError as error:
        ...     print(error)
        rounds is a whole number from 1 on, not 0
    """

    trains_along = True

    def __init__(
        self,
        description: str = "Teaches the click tool this project's structures, from simulated clicks",
        config: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(description=description, config={**_CONFIG, **dict(config or {})}, **options)

    def check(self, options: Mapping[str, Any]) -> None:
        """Refuse options that make no sense."""
        super().check(options)
        merged = {**self.config, **options}
        rounds = merged["rounds"]
        if not isinstance(rounds, int) or isinstance(rounds, bool) or rounds < 1:
            raise TaskError(f"rounds is a whole number from 1 on, not {rounds!r}")
        if {merged.get("train_batch_size", 1), merged.get("val_batch_size", 1)} != {1}:
            raise TaskError("the parts that are learnt differ in size: train_batch_size and val_batch_size are 1")

    def network(self, context: Context) -> torch.nn.Module:
        """The network of the package, of which all weights or those of the normalizations can be learnt."""
        network = copy.deepcopy(weights_of_the_package(self.dimension(context)))
        for name, parameter in network.named_parameters():
            parameter.requires_grad_("norm" in name or not context.request["norm_only"])
        return network

    def shipped_network(self, context: Context) -> torch.nn.Module:
        """What answers while there is no version."""
        return weights_of_the_package(self.dimension(context))

    def network_config(self, context: Context) -> dict[str, Any]:
        """``dimension`` and ``design`` of the network; ``extent_mm``, name to the median extent of what was learnt."""
        from jlabel.click.training.structure_sizes import read_extents

        design, extents = self.design(context), read_extents(self._sizes(context))
        names = {name: extents[index] for name, index in context.labels.items() if index in extents}
        return {"dimension": design.dimension, "design": asdict(design), "extent_mm": names}

    def optimizer(self, context: Context) -> torch.optim.Optimizer:
        """AdamW."""
        import torch

        assert context.network is not None
        learnt = [parameter for parameter in context.network.parameters() if parameter.requires_grad]
        return torch.optim.AdamW(learnt, lr=self.rate(context), weight_decay=1e-4, fused=context.device.type == "cpu")

    def loss_function(self, context: Context) -> Callable[..., torch.Tensor]:
        """Soft Dice and cross entropy, as if nothing had been clicked."""
        from jlabel.click.pretraining.batch_annotator import Drawn
        from jlabel.click.training.rounds import known_loss

        return lambda pred, label: known_loss(pred, label, Drawn.nothing(label))

    def train_pre_transforms(self, context: Context) -> Sequence[Step]:
        """The parts about the structures of an image, and a view of one of them."""
        from jlabel.click.training.views import RandomView

        return [*self._cut(context), RandomView(self.design(context))]

    def train_post_transforms(self, context: Context) -> Sequence[Step]:
        """The foreground."""
        from monai.transforms import AsDiscreted

        return [AsDiscreted(keys="pred", threshold=0.0)]

    def val_pre_transforms(self, context: Context) -> Sequence[Step]:
        """The parts about the structures of an image, each for itself."""
        from jlabel.click.training.evaluation import EachPart

        return [*self._cut(context), EachPart()]

    def train_iteration_update(self, context: Context) -> Callable[..., Any]:
        """Rounds of simulated prompts, and a step of the optimizer after each answer."""
        from jlabel.click.training.precision import autocast
        from jlabel.click.training.rounds import ClickTraining

        precision = partial(autocast, context.device, self.amp)
        return ClickTraining(self.design(context), int(context.request["rounds"]), precision)

    def val_iteration_update(self, context: Context) -> Callable[..., Any]:
        """Three clicks into the middle of the largest error."""
        from jlabel.click.training.evaluation import ClickValidation
        from jlabel.click.training.precision import autocast
        from jlabel.click.training.structure_sizes import read_extents

        return ClickValidation(
            self.design(context),
            _CLICKS,
            partial(read_extents, self._sizes(context)),
            partial(autocast, context.device, self.amp),
        )

    def val_key_metric(self, context: Context) -> dict[str, Any]:
        """The mean Dice after the last click."""
        from monai.handlers import MeanDice, from_engine

        return {"val_mean_dice": MeanDice(output_transform=from_engine(["pred", "label"]))}

    def val_additional_metrics(self, context: Context) -> dict[str, Any]:
        """None: a part is about one structure."""
        return {}

    def train_handlers(self, context: Context) -> list[Any]:
        """The learning rate that falls, and the sizes of the structures."""
        from jlabel.click.training.structure_sizes import MeasureStructures
        from jlabel.training.handlers import PolynomialDecay

        rate, limit = self.rate(context), context.request["max_seconds"]
        handlers: list[Any] = [PolynomialDecay(context.optimizer, rate, None if limit is None else float(limit))]
        return handlers if context.rank else [*handlers, MeasureStructures(self._sizes(context))]

    def rate(self, context: Context) -> float:
        """The learning rate to begin with; one for each network where none is asked for."""
        asked = context.request["learning_rate"]
        return _RATES[self.dimension(context)] if asked is None else float(asked)

    def design(self, context: Context) -> Design:
        """Of the network that is trained."""
        return DESIGNS[self.dimension(context)]

    def dimension(self, context: Context) -> int:
        """2 where most of the labelled images are pictures, otherwise 3; a resumed training keeps it.

        Raises:
            TaskError: None of the images can be read.
        """
        file = context.output_dir / "click.json"
        if file.is_file():
            return int(json.loads(file.read_text(encoding="utf-8"))["dimension"])
        found: dict[int, list[str]] = {}
        problem = "there are none"
        for item in [*context.train_datalist, *context.val_datalist][:_MOST_LOOKED_AT]:
            try:
                found.setdefault(read_image(Path(item["image"])).ndim, []).append(str(item["id"]))
            except JlabelError as error:
                problem = str(error)
        if not found:
            raise TaskError(f"none of the images can be used; the last: {problem}")
        dimension = max(sorted(found, reverse=True), key=lambda n: len(found[n]))
        others = ", ".join(repr(name) for n, names in found.items() if n != dimension for name in names)
        if others:
            context.run.note(f"most of the images are {_KINDS[dimension]}: left out are all others, such as {others}")
        content = json.dumps({"dimension": dimension}).encode()
        atomic_write(file, lambda out: out.write(content))
        return dimension

    def _cut(self, context: Context) -> list[Step]:
        from monai.transforms import EnsureChannelFirstd, LoadImaged

        from jlabel.click.training.parts import CutParts

        keys = ("image", "label")
        return [LoadImaged(keys=keys), EnsureChannelFirstd(keys=keys), CutParts(self.dimension(context))]

    def _sizes(self, context: Context) -> Path:
        return context.output_dir / "extents.json"
