"""jlabel: interactive, model-assisted labeling of medical images inside JupyterLab.

Start with ``jlabel.RadiologyApp`` (or a subclass of ``jlabel.LabelApp``), give it to ``jlabel.AppManager``, and show
``manager.labeler()`` in a notebook cell.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from jlabel.deferred_import import defer_import

if TYPE_CHECKING:
    from jlabel._public import *  # noqa: F403

__version__ = "0.1.0"

defer_import("rfc3987_syntax", "is_valid_syntax")


def _find(name: str) -> Any:
    """A public name, or an attribute of the package once all of it is imported."""
    if name.startswith("_") and name != "__all__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    public, known = importlib.import_module("jlabel._public"), globals()
    known.update({each: getattr(public, each) for each in public.__all__}, __all__=public.__all__)
    if name not in known:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return known[name]


if not TYPE_CHECKING:
    # The processes of a job import parts of the package: they need not wait for all of it, nor hold it in memory. Type
    # checkers are not told of this, so that a name that does not exist is an error for them.
    __getattr__ = _find


def __dir__() -> list[str]:
    return sorted({*_find("__all__"), *globals()})
