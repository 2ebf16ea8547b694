"""MONAI bundles: as models of an app, trained on its labels, and written from what jlabel has trained."""

from jlabel.bundles.infer import BundleInferTask

__all__ = ["BundleInferTask"]
