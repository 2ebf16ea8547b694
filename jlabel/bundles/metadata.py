"""What a bundle's metadata say of its images and labels, and whether its answer is a label map at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jlabel.bundles.bundle import Bundle, components, target_name
from jlabel.errors import TaskError

_SEGMENTS = ("segmentation", "labels", "label", "mask")
_CLASSIFIES = "says what an image shows (classification), and does not name two classes or more (channel_def)"
# What an output of another kind is, by its "type" or "format".
_OTHERS = {
    "object": "finds objects and gives boxes (detection)",
    "points": "gives points (landmarks)",
    "classes": _CLASSIFIES,
    "classification": _CLASSIFIES,
    "feature": "makes images or features (generation)",
    "magnitude": "makes images (generation or registration)",
}
_NOT_IMAGES = {"noise": "noise", "tuples": "numbers", "timesteps": "time steps"}
_SLICES = "SliceInferer"
_WORKFLOW, _TRAINING = ("workflow", "workflow_name"), ("train", "training")


@dataclass(frozen=True)
class Expected:
    """What a bundle's network takes.

    Attributes:
        axes: Spatial axes of an image: 2, 3, or None where that is not said.
        channels: How many values a voxel has; None where that is not said.
        names: Of the channels.
        divisor: By what each axis can be divided, as far as the metadata say so ("16*n"); 1 else.
    """

    axes: int | None
    channels: int | None
    names: tuple[str, ...]
    divisor: int


def bundle_labels(bundle: Bundle) -> dict[str, int]:
    """The structures that a bundle finds, name to value in its mask; without the background.

    They come from ``channel_def`` (or ``label_def``) of the first output that is a segmentation. Channels without one
    for the background are counted from 1 on. Empty where nothing is said.
    """
    for output in _formats(bundle, "outputs").values():
        found = _labels(output) if _is_segmentation(output) else {}
        if found:
            return found
    return {}


def has_region_channels(bundle: Bundle) -> bool:
    """Whether its labels are those of several channels without one for the background: regions that may overlap."""
    for output in _formats(bundle, "outputs").values():
        found = _labels(output) if _is_segmentation(output) else {}
        if found:
            given = output.get("channel_def") or output.get("label_def") or {}
            return len(found) == len(given) > 1 and "0" in given
    return False


def bundle_classes(bundle: Bundle) -> tuple[str, ...]:
    """The classes that a bundle tells whole images apart by, in the order of its scores; empty where it does not.

    They come from ``channel_def`` (or ``label_def``) of the first output, of format ``classes``, or a vector.
    """
    outputs = list(_formats(bundle, "outputs").values())
    if any(map(_is_segmentation, outputs)):
        return ()
    return next((found for found in map(_classes, outputs) if found), ())


def workflow_class(bundle: Bundle) -> str:
    """The class that trains, as the metadata name it (``workflow``): ``"scripts.workflow.Train"``, or
    ``{"train": "scripts.workflow.Train"}``; empty where they name none.
    """
    for key in _WORKFLOW:
        given = bundle.metadata.get(key)
        if isinstance(given, Mapping):
            given = next((given[kind] for kind in _TRAINING if kind in given), None)
        if isinstance(given, str) and "." in given:
            return given
    return ""


def expected_input(bundle: Bundle, config: Mapping[str, Any]) -> Expected:
    """What the network takes, by the metadata and the configuration of the inference."""
    given = next(iter(_formats(bundle, "inputs").values()), {})
    shape = given.get("spatial_shape")
    axes = len(shape) if isinstance(shape, list) and len(shape) in (2, 3) else None
    if any(target_name(one) == _SLICES for _, one in components(config)):
        axes = 3
    channels = given.get("num_channels")
    names = given.get("channel_def")
    return Expected(
        axes,
        channels if isinstance(channels, int) and channels > 0 else None,
        tuple(map(str, names.values())) if isinstance(names, Mapping) else (),
        max([1, *map(_divisor, shape if isinstance(shape, list) else [])]),
    )


def check_task(bundle: Bundle, config: Mapping[str, Any]) -> None:
    """Refuse a bundle that makes no label map of one image, and gives it no class either.

    Raises:
        TaskError: Says what it does or needs instead.
    """
    inputs, outputs = _formats(bundle, "inputs"), _formats(bundle, "outputs")
    begin = f"bundle {bundle.name!r} cannot label images here: it"
    for name, given in inputs.items():
        kind = str(given.get("type", "")).lower()
        if kind in _NOT_IMAGES:
            raise TaskError(f"{begin} takes {_NOT_IMAGES[kind]} ({name!r}), not images (generation)")
    if outputs and not any(map(_is_segmentation, outputs.values())) and not bundle_classes(bundle):
        raise TaskError(f"{begin} {_other_kind(outputs.values())}")
    keys = loaded_keys(config)
    if len(keys) > 1:
        phases = ", ".join(repr(key) for key in keys)
        raise TaskError(f"{begin} needs several images of a case at once ({phases})")
    if any(target_name(one).startswith("AddClickSignals") for _, one in components(config)):
        raise TaskError(f"{begin} needs points with every image, as other images (channels of signals)")


def loaded_keys(config: Mapping[str, Any]) -> list[str]:
    """Under which keys ``LoadImaged`` puts images; a label is none. Empty where the configuration does not tell."""
    found: dict[str, None] = {}
    for _, one in components(config):
        if target_name(one) == "LoadImaged":
            keys = looked_up(one.get("keys"), config)
            for key in [keys] if isinstance(keys, str) else keys if isinstance(keys, Sequence) else []:
                known = looked_up(key, config)
                if isinstance(known, str) and not known.startswith(("$", "@")) and known not in ("label", "labels"):
                    found[known] = None
    return list(found)


def looked_up(value: Any, config: Mapping[str, Any]) -> Any:
    """What a reference to a plain value of a configuration stands for; anything else stays."""
    for _ in range(10):
        if not (isinstance(value, str) and value.startswith("@")):
            return value
        value = config.get(value[1:])
    return value


def _formats(bundle: Bundle, side: str) -> dict[str, Mapping[str, Any]]:
    data = bundle.metadata.get("network_data_format")
    found = data.get(side) if isinstance(data, Mapping) else None
    return {str(key): one for key, one in found.items() if isinstance(one, Mapping)} if isinstance(found, dict) else {}


def _is_segmentation(output: Mapping[str, Any]) -> bool:
    shape = output.get("spatial_shape")
    # A vector of classes is called an image of labels by some; a part of an image has more than one pixel an axis.
    vector = isinstance(shape, list) and 1 in shape
    return str(output.get("format", "")).lower() in _SEGMENTS and not vector


def _other_kind(outputs: Iterable[Mapping[str, Any]]) -> str:
    for output in outputs:
        for word in (output.get("format"), output.get("type")):
            if str(word).lower() in _OTHERS:
                return _OTHERS[str(word).lower()]
        if _labels(output):
            return _OTHERS["classes"]
    kinds = ", ".join(sorted({str(output.get("format")) for output in outputs}))
    return f"gives {kinds or 'something else'}, and not a label map"


def _classes(output: Mapping[str, Any]) -> tuple[str, ...]:
    """The classes of an output with a score for each; empty for another output, and for one that does not name two."""
    words = {str(output.get(key)).lower() for key in ("format", "type")}
    given = output.get("channel_def") or output.get("label_def")
    kinds = {word for word in words if word in _OTHERS}
    if not isinstance(given, Mapping) or any(_OTHERS[kind] != _CLASSIFIES for kind in kinds):
        return ()
    names = {str(index): str(name).strip() for index, name in given.items()}
    order = [str(index) for index in range(len(names))]
    classes = tuple(names[index] for index in order if index in names)
    return classes if len(classes) == len(names) > 1 and len(set(map(str.lower, classes))) == len(classes) else ()


def _labels(output: Mapping[str, Any]) -> dict[str, int]:
    given = output.get("channel_def") or output.get("label_def")
    if not isinstance(given, Mapping):
        return {}
    try:
        channels = {int(channel): str(name) for channel, name in given.items()}
    except ValueError:
        return {}
    has_background = any(name.strip().lower() == "background" for name in channels.values())
    first = 0 if has_background or 0 not in channels else 1
    return {name: channel + first for channel, name in channels.items() if name.strip().lower() != "background"}


def _divisor(expression: Any) -> int:
    """16 of ``"16*n"``."""
    text = str(expression).replace(" ", "")
    number, star, rest = text.partition("*")
    if star and number.isdigit() and rest[:1].isalpha():
        return max(1, int(number))
    return 1
