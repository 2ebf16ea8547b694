"""Methods of a MONAI Label train task that jlabel does not call."""

from __future__ import annotations

_INSTEAD = {
    "_create_evaluator": "override val_inferer, val_handlers or val_key_metric",
    "_create_trainer": "override train_inferer, train_handlers or train_iteration_update",
    "_dataloader": "override train_data_loader",
    "_dataset": "override train_data_loader, or pre_process",
    "_device": "manager.train(…, device=…) says where",
    "_load_checkpoint": "load_path and load_dict say what to begin with",
    "_validate_transforms": "transforms are checked when they run",
    "event_names": "handlers choose their events themselves",
    "finalize": "override cleanup",
    "partition_datalist": "the option val_split, and the studies' own images to judge by, say how",
    "stats": "the job has the figures, stats_path a file of them",
    "train": "override train_iteration_update",
    "val_data_loader": "the option val_batch_size says how many at once",
}


def unused_hooks(task: object) -> list[str]:
    """What to tell of the methods that an author has overridden in vain, by name; one sentence for each."""
    return [
        f"jlabel does not call {cls.__name__}.{name}: {instead}"
        for name, instead in _INSTEAD.items()
        for cls in type(task).__mro__
        if name in vars(cls) and not cls.__module__.startswith("jlabel.training.")
    ]
