"""The trainings of this app."""
