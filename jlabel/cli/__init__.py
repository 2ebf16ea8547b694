"""The command ``jlabel``: bundles of the model zoo, and apps from files.

Help is shown at once: what a command needs is imported when it runs.
"""

from jlabel.cli.main import main

__all__ = ["main"]
