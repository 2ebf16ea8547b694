"""Voxels of masks as bytes: how they travel, and how undo steps and journals hold them."""
