"""The model zoo: what it has, what of it is here, and downloads. Nothing of a bundle is loaded or run."""
