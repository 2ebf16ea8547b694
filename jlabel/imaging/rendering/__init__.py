"""Pictures of images and labels: planes, thumbnails, overviews and surfaces."""
