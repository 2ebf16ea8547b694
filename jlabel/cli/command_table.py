"""The commands as a list: what help shows of each, and where its function is, which is imported when it is used."""

from __future__ import annotations

import importlib
from typing import Any, NamedTuple


class CommandEntry(NamedTuple):
    """A command that is not imported yet.

    Attributes:
        name: As it is typed.
        target: Its function, or the ``typer.Typer`` of its own commands, as ``module:name`` under ``jlabel.cli``.
        title: The heading under which help lists it.
        summary: What help says of it; one line of at most 59 characters.
        cls: The class of the command, likewise; typer's own if empty.
    """

    name: str
    target: str
    title: str
    summary: str
    cls: str = ""

    def load(self) -> Any:
        """The command itself, as typer makes it of a function."""
        import typer

        made = _imported(self.target)
        if isinstance(made, typer.Typer):
            made.info.short_help = self.summary
            return typer.main.get_command(made)
        alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
        cls = _imported(self.cls) if self.cls else None
        alone.command(self.name, cls=cls, short_help=self.summary, rich_help_panel=self.title)(made)
        return typer.main.get_command(alone)


_LABEL, _STUDIES, _APPS = "Label", "Work on a studies folder", "Apps and models"
_PAIRS = "options:PairsCommand"

COMMANDS = (
    CommandEntry("lab", "lab_commands:lab", _LABEL, "Open JupyterLab on a notebook that labels the studies.", _PAIRS),
    CommandEntry("demo", "lab_commands:demo", _LABEL, "Open JupyterLab on example studies, which are made here."),
    CommandEntry("run", "run_command:run", _LABEL, "Run a labeling app from a file.", "run_command:RunCommand"),
    CommandEntry(
        "start_server", "start_server_command:start_server", _LABEL, "As in MONAI Label: 'lab', or 'cvat loop'.", _PAIRS
    ),
    CommandEntry("status", "status_command:status", _STUDIES, "Count labelled images, jobs, and models in use."),
    CommandEntry("check", "check_command:check", _STUDIES, "Look at every image and label: what loads, what is wrong."),
    CommandEntry("next", "work_commands:next_image", _STUDIES, "Tell which image to label next, and why.", _PAIRS),
    CommandEntry("team", "team_command:team", _STUDIES, "Tell who works on what, and what waits for a review.", _PAIRS),
    CommandEntry("train", "work_commands:train", _STUDIES, "Train a model on the labels that are saved.", _PAIRS),
    CommandEntry(
        "infer", "work_commands:infer", _STUDIES, "Let a model make first masks or tags of many images.", _PAIRS
    ),
    CommandEntry(
        "score", "work_commands:score", _STUDIES, "Score images, for strategies that choose by scores.", _PAIRS
    ),
    CommandEntry("cvat", "cvat_commands:cvat", _STUDIES, "Let people annotate in CVAT, in rounds a model chooses."),
    CommandEntry(
        "jobs", "job_commands:jobs", _STUDIES, "List background jobs, or follow, cancel or resume one.", _PAIRS
    ),
    CommandEntry("models", "job_commands:models", _STUDIES, "List the versions of the models that were trained here."),
    CommandEntry("add-video", "video_command:add_video", _STUDIES, "Add frames of videos to the images."),
    CommandEntry(
        "import", "exchange_commands:import_labels", _STUDIES, "Import labels that another program made.", _PAIRS
    ),
    CommandEntry(
        "migrate-catalogue",
        "catalogue_command:migrate_catalogue",
        _STUDIES,
        "Move the catalogue to PostgreSQL, or back.",
    ),
    CommandEntry("export", "exchange_commands:export_labels", _STUDIES, "Write labels for another program.", _PAIRS),
    CommandEntry("apps", "app_commands:apps", _APPS, "List the template apps, or write one out to change it."),
    CommandEntry(
        "bundles", "bundle_commands:bundles", _APPS, "List MONAI bundles, or download one from the model zoo."
    ),
)


def _imported(target: str) -> Any:
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(f"jlabel.cli.{module}"), name)
