"""``jlabel apps``: the template apps, and writing one out as a folder of an author's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jlabel.cli.options import Json
from jlabel.cli.tables import plain, print_json, print_table


def apps(
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="The template to write out.")] = "",
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="DIR", help="Where; a folder of the template's name if not given."),
    ] = None,
    download: Annotated[
        bool,
        typer.Option("--download", help="As in MONAI Label; the templates are here already."),
    ] = False,
    as_json: Json = False,
) -> None:
    """List the template apps, or write one out as a folder of your own.

    The folder has a main.py with a class of yours, models and trainings in lib, and a README.md. Nothing that is there
    is written over.
    """
    from jlabel.apps.templates import TEMPLATES, template

    if name:
        folder = template(name).write(Path(name) if output is None else output)
        if as_json:
            print_json({"name": name, "folder": str(folder.absolute())})
            return
        typer.echo(plain(f"{folder} is yours: its README.md tells what is where"))
        typer.echo(plain(f"jlabel lab STUDIES --app {folder} --labels A,B opens it"))
        return
    if output is not None:
        raise typer.BadParameter("--output needs --name")
    if as_json:
        print_json(
            [{"name": one.name, "class": f"jlabel.{one.class_name}", "for": one.about} for one in TEMPLATES.values()]
        )
    else:
        rows = [(one.name, f"jlabel.{one.class_name}", one.about) for one in TEMPLATES.values()]
        print_table("Template apps", ("name", "class", "for"), rows)
        typer.echo("\n'jlabel apps --name radiology --output myapp' writes one out, for you to change")
