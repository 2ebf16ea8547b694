"""The usual layouts of data sets: where each has its images, labels and names."""
