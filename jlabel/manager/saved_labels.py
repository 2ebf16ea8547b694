"""Tells an app of a label that was saved."""

from __future__ import annotations

import warnings

from jlabel.app import LabelApp
from jlabel.errors import JlabelError
from jlabel.tasks.author_hook import call_hook


def tell_of_saved_label(app: LabelApp, image_id: str, label_id: str) -> None:
    """Call the app's ``on_save_label``; the label is saved by then, so that a failure is a warning.

    Args:
        app: The app.
        image_id: The image.
        label_id: The label.
    """
    try:
        call_hook(app.on_save_label, image_id, label_id)
    except JlabelError as error:
        warnings.warn(f"the label of {image_id!r} is saved, but {error}", UserWarning, stacklevel=3)
