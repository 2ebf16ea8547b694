"""Questions of an app about packages that jlabel does not use."""

from __future__ import annotations


def is_sam2_module_available() -> bool:
    """False: jlabel has no task for it, whether it is installed or not."""
    return False
