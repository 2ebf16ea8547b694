"""Methods of a MONAI Label app that jlabel does not call."""

from __future__ import annotations

import warnings

from jlabel.apps.folder_modules.naming import folder_of

_INSTEAD = {
    "infer": "AppManager.infer runs models",
    "batch_infer": "AppManager.batch_infer makes first masks",
    "init_batch_infer": "AppManager.batch_infer makes first masks",
    "train": "AppManager.train trains",
    "scoring": "AppManager.score scores",
    "next_sample": "AppManager.next_image asks a strategy of init_strategies",
    "init_remote_datastore": "return the datastore in init_datastore",
    "infer_wsi": "whole-slide images are not opened yet",
    "async_scoring": "AppManager.score runs in the background",
    "async_training": "AppManager.train runs in the background",
    "async_batch_infer": "AppManager.batch_infer runs in the background",
    "server_mode": "there is no server",
    "cleanup_sessions": "there is no server, so there are no sessions",
}


def warn_of_uncalled(app: object) -> None:
    """Warn by name of the methods that an author has overridden in vain."""
    for name, instead in _INSTEAD.items():
        owner = next((cls for cls in type(app).__mro__ if name in vars(cls)), None)
        if owner is not None and (not owner.__module__.startswith("jlabel.") or folder_of(owner.__module__)):
            warnings.warn(f"jlabel does not call {owner.__name__}.{name}: {instead}", UserWarning, stacklevel=4)
