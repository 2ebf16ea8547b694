"""What the kernel and the pages say to each other: messages, and how voxels and prompts travel in them."""
