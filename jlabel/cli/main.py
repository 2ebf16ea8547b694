"""The commands, and what becomes of their errors: one line, and an exit code that scripts can go by."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any, NoReturn

import typer

import jlabel
from jlabel.cli.command_groups import CommandGroups
from jlabel.cli.tables import plain
from jlabel.errors import JlabelError

GOOD, FAILED, BAD_USE = 0, 1, 2
DEBUG = "--debug"
# What newer typers return where a person presses Ctrl-C.
_INTERRUPTED = 130

app = typer.Typer(
    name="jlabel",
    cls=CommandGroups,
    rich_markup_mode=None,
    help="Interactive, model-assisted labeling of medical images inside JupyterLab.",
    epilog="Exit codes: 0 done, 1 failed, 2 wrong use. An error is one line on the standard error.",
    pretty_exceptions_enable=False,
)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"jlabel {jlabel.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_say_version, is_eager=True)
    ] = False,
    debug: Annotated[bool, typer.Option(DEBUG, help="Show where in the code an error was raised.")] = False,
) -> None:
    """Interactive, model-assisted labeling of medical images inside JupyterLab."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command with those arguments, or those of the process, and exit."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    # Wherever it stands: to the command ``run`` an option that it does not know is an override.
    debug = DEBUG in given
    sys.exit(_run([one for one in given if one != DEBUG], debug))


def _run(arguments: list[str], debug: bool) -> int:
    try:
        ended = app(args=arguments or ["--help"], prog_name="jlabel", standalone_mode=False)
    except KeyboardInterrupt:
        return _failed("stopped")
    except BrokenPipeError:
        # Whoever read the output wants no more; Python would say so again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except JlabelError as error:
        if debug:
            raise
        return _failed(str(error))
    except Exception as error:
        said = _wrong_use(error)
        if said:
            return _failed(said, BAD_USE)
        if type(error).__name__ == "Abort":
            return _failed("stopped")
        if debug:
            raise
        return _failed(f"{type(error).__name__}: {error}. This is a fault of jlabel: please report what {DEBUG} shows")
    if ended == _INTERRUPTED:
        return _failed("stopped")
    return ended if isinstance(ended, int) else GOOD


def _wrong_use(error: Any) -> str:
    """What an error of the parser of the command line says; empty for any other. Some typers have their own classes."""
    if not (hasattr(error, "format_message") and hasattr(error, "exit_code")):
        return ""
    context = getattr(error, "ctx", None)
    return f"{error.format_message()} ('{context.command_path if context else 'jlabel'} --help')"


def _failed(message: str, code: int = FAILED) -> int:
    sys.stderr.write(f"jlabel: {plain(' '.join(message.split()))}\n")
    return code
