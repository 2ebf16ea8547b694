"""What jlabel has trained, written as MONAI bundles that run without it."""
