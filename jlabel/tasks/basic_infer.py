"""An infer task of transforms, an inferer and a network that are given to it: no class has to be written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jlabel.errors import TaskError
from jlabel.registry import PublishedModel
from jlabel.tasks.infer import InferTask
from jlabel.tasks.keys import Step

if TYPE_CHECKING:
    import torch

Steps = Step | Sequence[Step]


class BasicInferTask(InferTask):
    """An infer task of the transforms and the network that it is given.

    It needs no class of its own, so that an app file can say it: see :func:`jlabel.app_from_config`. A subclass may
    override :meth:`pre_transforms`, :meth:`inferer` and :meth:`post_transforms` instead, as in MONAI Label.

    Args:
        pre_transforms: MONAI transforms that make the network's input under ``"image"``, or a ``Compose`` of them.
        post_transforms: MONAI transforms that make a mask under ``"pred"``.
        network: The network. Without one, and without ``published``, ``inferer`` is a list of transforms instead.
        path: A file of weights, or several, of which the last that exists is used; None to use the network as it is.
        labels: What the network finds: a name, names in the order of its classes from 1 on, or name to class.
        roi_size: The size in voxels of the window that slides over the image; the whole image at once if not given.
        inferer: A MONAI inferer in its place.
        inverse_transforms: Transforms to invert on the output of the network before ``post_transforms``; an empty list
            for all of ``pre_transforms``. If not given, the finished mask goes back to the image's grid by itself.
        device: ``"cpu"`` for a task that never uses a GPU; ``"auto"`` for where the manager runs models.
        dimension: 2 or 3, the number of spatial axes that the network sees.
        description: Shown to users.
        type: The kind of the task.
        model_state_dict: The key of the network's weights in the file, if it is none of the usual ones.
        config: Parameters of a call and their default values.
        published: The model that a train task publishes; each call uses the version that is in use then.
        options: Further keywords of :class:`jlabel.InferTask`: ``input_key``, ``output_label_key``,
            ``output_json_key``, ``load_strict``, ``preload``, ``train_mode`` and ``skip_writer``.

    Raises:
        TaskError: Both ``roi_size`` and ``inferer`` are given, nothing could make a mask, or the device is another one.

    Examples:
        >>> import torch
        >>> from monai.transforms import AsDiscreted, EnsureChannelFirstd, LoadImaged, ScaleIntensityd
        >>> task = jlabel.BasicInferTask(
        ...     [LoadImaged("image"), EnsureChannelFirstd("image"), ScaleIntensityd("image")],
        ...     [AsDiscreted("pred", threshold=0.5)],
        ...     network=torch.nn.Identity(),
        ...     labels=["liver"],
        ...     roi_size=(8, 8, 8),
        ... )
        >>> image = jlabel.read_image(studies / "case_0.nii.gz")
        >>> result = task(jlabel.InferRequest(image, "case_0", labels={"liver": 1}))
        >>> result.mask.shape, int(result.mask.max())
        ((12, 10, 8), 1)
    """

    def __init__(
        self,
        pre_transforms: Steps = (),
        post_transforms: Steps = (),
        network: torch.nn.Module | None = None,
        path: str | Path | Sequence[str | Path] | None = None,
        labels: str | Sequence[str] | Mapping[str, int] | None = None,
        roi_size: int | Sequence[int] | None = None,
        inferer: Callable[..., Any] | Sequence[Step] | None = None,
        inverse_transforms: Sequence[Step] | None = None,
        device: str = "auto",
        dimension: int = 3,
        description: str = "",
        type: str = "segmentation",
        model_state_dict: str | None = None,
        config: Mapping[str, Any] | None = None,
        published: PublishedModel | None = None,
        **options: Any,
    ) -> None:
        super().__init__(
            path=path,
            network=network,
            type=type,
            labels=labels,
            dimension=dimension,
            description=description,
            model_state_dict=model_state_dict,
            config=config,
            published=published,
            roi_size=roi_size,
            **options,
        )
        if roi_size is not None and inferer is not None:
            raise TaskError("give either roi_size, for a window that slides over the image, or an inferer")
        own = self.__class__
        if not pre_transforms and own.pre_transforms is BasicInferTask.pre_transforms:
            raise TaskError(f"give {own.__name__} pre_transforms=[…], or override its method pre_transforms(data)")
        overrides = own.inferer is not BasicInferTask.inferer or own.run_inferer is not InferTask.run_inferer
        if network is None and not isinstance(inferer, Sequence) and not overrides:
            raise TaskError("give a network, or as inferer a list of transforms that put the mask under 'pred'")
        if device not in ("auto", "cpu"):
            raise TaskError(
                f"the device of a task is 'auto' or 'cpu', not {device!r}: AppManager(app, device=…) has a GPU's"
            )
        self.cpu_only = device == "cpu"
        self._pre, self._post = _listed(pre_transforms), _listed(post_transforms)
        self._inverse = None if inverse_transforms is None else list(inverse_transforms)
        self._inferer = inferer

    def pre_transforms(self, data: dict[str, Any]) -> Sequence[Step]:
        """Those that were given."""
        return self._pre

    def inferer(self, data: dict[str, Any]) -> Callable[..., Any] | Sequence[Step]:
        """The one that was given, or a window of ``roi_size``, or the whole image at once."""
        if self._inferer is not None:
            return self._inferer
        from monai.inferers import SimpleInferer, SlidingWindowInferer

        if self.roi_size is None:
            return SimpleInferer()  # type: ignore[no-any-return]
        return SlidingWindowInferer(self.roi_size, overlap=0.5, mode="gaussian")  # type: ignore[no-any-return]

    def post_transforms(self, data: dict[str, Any]) -> Sequence[Step]:
        """Those that were given."""
        return self._post

    def inverse_transforms(self, data: dict[str, Any]) -> Sequence[Step] | None:
        """Those that were given."""
        return self._inverse


def _listed(steps: Steps) -> list[Step]:
    return list(steps) if isinstance(steps, Sequence) else [steps]
