"""Readers of image files: one module a format, and the door that finds out which one a file has."""
