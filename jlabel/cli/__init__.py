"""The command ``jlabel``."""
