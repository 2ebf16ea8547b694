"""MONAI bundles: as models of an app, trained on its labels, and written from what jlabel has trained."""

from jlabel.bundles.infer import BundleInferTask
from jlabel.bundles.train import BundleTrainTask

__all__ = ["BundleInferTask", "BundleTrainTask"]
