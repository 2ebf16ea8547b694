"""Reading and writing images and labels, their geometry, and the boxes of voxels that travel."""
