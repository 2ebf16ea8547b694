"""MONAI Label's settings, as far as apps look at them."""

from __future__ import annotations

import warnings
from typing import Any

_DEFAULTS: dict[str, Any] = {
    "MONAI_LABEL_APP_DIR": "",
    "MONAI_LABEL_STUDIES": "",
    "MONAI_LABEL_TASKS_TRAIN": True,
    "MONAI_LABEL_TASKS_STRATEGY": True,
    "MONAI_LABEL_TASKS_SCORING": True,
    "MONAI_LABEL_TASKS_BATCH_INFER": True,
    "MONAI_LABEL_DATASTORE": "",
    "MONAI_LABEL_DATASTORE_URL": "",
    "MONAI_LABEL_DATASTORE_USERNAME": "",
    "MONAI_LABEL_DATASTORE_PASSWORD": "",
    "MONAI_LABEL_DATASTORE_API_KEY": "",
    "MONAI_LABEL_DATASTORE_AUTO_RELOAD": True,
    "MONAI_LABEL_DATASTORE_READ_ONLY": False,
    "MONAI_LABEL_DATASTORE_FILE_EXT": ["*"],
    "MONAI_LABEL_AUTO_UPDATE_SCORING": False,
    "MONAI_LABEL_SESSIONS": False,
    "MONAI_LABEL_TRACKING_ENABLED": False,
    "MONAI_LABEL_TRACKING_URI": "",
    "MONAI_ZOO_AUTH_TOKEN": "",
    "MONAI_ZOO_REPO": "",
    "MONAI_ZOO_SOURCE": "monaihosting",
}


class Settings:
    """The values that jlabel works by, under MONAI Label's names. They can be read, and not changed."""

    def __getattr__(self, name: str) -> Any:
        if name in _DEFAULTS:
            return _DEFAULTS[name]
        raise AttributeError(f"jlabel has no setting {name}; it has {', '.join(sorted(_DEFAULTS))}")

    def __setattr__(self, name: str, value: Any) -> None:
        warnings.warn(f"jlabel does not look at the setting {name}", UserWarning, stacklevel=2)


settings = Settings()
