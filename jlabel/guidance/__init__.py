"""Clicks as guidance maps: what DeepGrow and DeepEdit have in common, when they answer and when they are trained."""
