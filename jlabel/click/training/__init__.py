"""How the click network learns a project's structures; what networks learn before is in ``pretraining``."""
