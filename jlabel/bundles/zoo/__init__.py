"""The model zoo: what it has, what of it is here, and downloads. Nothing of a bundle is loaded or run."""

from jlabel.bundles.zoo.on_disk import BundleOnDisk, bundles_in

__all__ = ["BundleOnDisk", "bundles_in"]
