"""What a training may be asked by name, checked before anything is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jlabel.errors import TaskError
from jlabel.training.tracking import check_tracking

DEFAULTS: dict[str, Any] = {
    "max_epochs": 50,
    "max_seconds": None,
    "samples_per_epoch": None,
    "train_batch_size": 1,
    "val_batch_size": 1,
    "val_split": 0.2,
    "val_interval": 1,
    "early_stop_patience": 20,
    "learning_rate": 1e-3,
    "seed": 0,
    "num_workers": 0,
    "cache_bytes": None,
    "checkpoint_seconds": 10.0,
    "pretrained": True,
    "publish_tolerance": 0.01,
    "tracking": None,
    "tracking_uri": None,
    "tracking_experiment_name": None,
    "find_unused_parameters": False,
    "peer_timeout": 600.0,
}
"""``max_seconds``: when to stop at the latest (None: never). ``samples_per_epoch``: how many images an epoch draws,
some of them again where there are fewer (None: each one once). ``val_split``: the share of images to judge by.
``val_interval``: after how many epochs to judge (None: so often that it takes a fifth of the time).
``early_stop_patience``: after how many validations without a better result to stop (0: never). ``cache_bytes``: how
much memory prepared images may take. ``checkpoint_seconds``: how much work a killed training may lose.
``pretrained``: whether to begin with the version in use. ``publish_tolerance``: by how much a new version may be worse
than the one in use and still take its place. ``tracking``: ``"tensorboard"`` or ``"mlflow"`` to have the figures there
too; ``tracking_uri`` and ``tracking_experiment_name``: MLflow's server, and the experiment's name there. On several
devices: ``find_unused_parameters``, whether an iteration may leave some of the network's parameters
without a gradient, which costs time; ``peer_timeout``, for how many seconds the processes wait for each other's
gradients. ``train_batch_size`` and ``num_workers`` are for each device, ``samples_per_epoch`` and ``cache_bytes`` for
all together."""

# Names that the manager adds.
_GIVEN = {"name", "labels", "run"}
_LEAST = {"max_epochs": 1, "train_batch_size": 1, "val_batch_size": 1, "val_interval": 1, "num_workers": 0}


def merge_options(config: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """What the caller asked for, over the task's own values, over the usual ones.

    Raises:
        TaskError: A name that means nothing to the task, or a value that makes no sense.
    """
    known = {**DEFAULTS, **config}
    unknown = sorted(set(request) - set(known) - _GIVEN)
    if unknown:
        raise TaskError(f"unknown option {unknown[0]!r}; this train task takes {', '.join(sorted(known))}")
    options = {**known, **{name: value for name, value in request.items() if name in known}}
    for name, least in _LEAST.items():
        value = options[name]
        if value is None and (name == "val_interval" or (name in config and config[name] is None)):
            continue
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise TaskError(f"{name} is a whole number from {least} on, not {value!r}")
    samples = options["samples_per_epoch"]
    if samples is not None and (not isinstance(samples, int) or samples < 1):
        raise TaskError(f"samples_per_epoch is a whole number from 1 on, or None, not {samples!r}")
    if not 0 <= float(options["val_split"]) < 1:
        raise TaskError(f"val_split is a share from 0 to below 1, not {options['val_split']!r}")
    if options["max_seconds"] is not None and not float(options["max_seconds"]) > 0:
        raise TaskError(f"max_seconds is a number above 0, or None, not {options['max_seconds']!r}")
    if not float(options["peer_timeout"]) > 0:
        raise TaskError(f"peer_timeout is a number of seconds above 0, not {options['peer_timeout']!r}")
    check_tracking(options["tracking"])
    return options
