"""Options that several commands have, and ``--conf KEY VALUE``, which takes two words as in MONAI Label."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from jlabel.cli.studies_folder import studies_argument

RUNNER_OPTION = "--runner-option"
PAIRS = ("--conf", "--option", RUNNER_OPTION)

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
STUDIES_HELP = "The folder of images, or a URL such as s3://bucket/scans."
Studies = Annotated[Path, typer.Argument(metavar="STUDIES", help=STUDIES_HELP, parser=studies_argument)]
Labels = Annotated[
    list[str] | None,
    typer.Option(
        "--labels",
        metavar="A,B",
        help="The structures to label, also with values: liver=1,spleen=3. If not given, those that are known of the "
        "studies, or the app's.",
    ),
]
App = Annotated[
    str,
    typer.Option(
        "--app",
        metavar="APP",
        help="A template's name (see 'jlabel apps'), a folder with a main.py, or an app file (YAML, JSON).",
    ),
]
Conf = Annotated[
    list[str] | None,
    typer.Option("--conf", metavar="KEY VALUE", help="A setting of the app; several times for several."),
]
Options = Annotated[
    list[str] | None,
    typer.Option("--option", metavar="KEY VALUE", help="What the task takes; several times for several."),
]
Device = Annotated[
    str, typer.Option("--device", metavar="DEVICE", help="'auto' (the first GPU, else the CPU), 'cpu', 'cuda:1'.")
]
Threads = Annotated[
    int | None,
    typer.Option(
        "--threads",
        metavar="NUMBER",
        min=1,
        help="How many threads to train with; if not given, all cores but one, which is left to who labels meanwhile.",
    ),
]
Detach = Annotated[
    bool, typer.Option("--detach", help="Return at once; the job goes on ('jlabel jobs STUDIES' follows it).")
]
Browser = Annotated[str, typer.Option("--browser", metavar="NAME", help="'none': only print JupyterLab's address.")]
Port = Annotated[
    int | None,
    typer.Option("--port", metavar="NUMBER", min=1, max=65535, help="JupyterLab's; a free one if not given."),
]


class PairsCommand(TyperCommand):
    """A command with options of two words, ``--conf KEY VALUE``; ``--conf KEY=VALUE`` is the same."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the two words into one."""
        own = {name for one in self.params for name in one.opts}
        return list(super().parse_args(ctx, joined_pairs(args, [one for one in PAIRS if one in own])))


def joined_pairs(arguments: Sequence[str], names: Sequence[str]) -> list[str]:
    """Arguments with each ``NAME KEY VALUE`` as ``NAME KEY=VALUE``.

    Args:
        arguments: What was typed.
        names: The options that take two words.
    """
    made, waiting = list[str](), list(arguments)
    while waiting:
        one = waiting.pop(0)
        made.append(one)
        if one == "--":
            return [*made, *waiting]
        if one in names and waiting:
            key = waiting.pop(0)
            follows = "=" not in key and bool(waiting)
            made.append(f"{key}={waiting.pop(0)}" if follows else key)
    return made


def pairs(given: Sequence[str] | None, option: str) -> dict[str, str]:
    """The values of such an option by key.

    Raises:
        BadParameter: One has no value.
    """
    found = {}
    for one in given or ():
        key, equals, value = one.partition("=")
        if not equals or not key:
            raise typer.BadParameter(f"{option} takes a key and a value, as in {option} {key or 'KEY'} VALUE")
        found[key] = value
    return found


def named_labels(given: Sequence[str] | None) -> list[str] | dict[str, int] | None:
    """The labels of ``--labels``: names, or values by name where they have some; None without any.

    Raises:
        BadParameter: Some have values and some have none, or a value is no number.
    """
    words = [word.strip() for one in given or () for word in one.split(",") if word.strip()]
    if not words:
        return None
    with_values = [word.rpartition("=") for word in words if "=" in word]
    if not with_values:
        return words
    if len(with_values) < len(words):
        raise typer.BadParameter("--labels: give a value to each label, as in liver=1,spleen=3, or to none")
    wrong = next((value for _, _, value in with_values if not value.strip().isdecimal()), None)
    if wrong is not None:
        raise typer.BadParameter(f"--labels: the value of a label is a whole number, not {wrong!r}")
    return {name.strip(): int(value) for name, _, value in with_values}


def chosen_images(given: str, *words: str) -> str | list[str]:
    """What ``--images`` says: one of the words as it is, else ids with commas between them."""
    return given if given in words else [one.strip() for one in given.split(",") if one.strip()]


def task_options(given: list[str] | None, *own: str) -> dict[str, Any]:
    """What ``--option`` gives a task, by key, with numbers and lists as such.

    Args:
        given: As typed.
        own: Options that the command itself has.

    Raises:
        BadParameter: One has no value, or is an option of the command itself.
    """
    from jlabel.cli.studies_app import literal

    found = {key: literal(value) for key, value in pairs(given, "--option").items()}
    wrong = next((name for name in own if name in found), None)
    if wrong is not None:
        raise typer.BadParameter(f"--option {wrong}: the command has an option of its own for it, --{wrong}")
    return found
