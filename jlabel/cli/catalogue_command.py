"""``jlabel migrate-catalogue``: the catalogue of a folder goes to a PostgreSQL database, or back into a file."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from jlabel.cli.options import Studies
from jlabel.cli.tables import plain

To = Annotated[
    str,
    typer.Argument(
        metavar="TO", help="postgresql://user@host/database?schema=name, a path, or 'sqlite' to move it back."
    ),
]


def migrate_catalogue(studies: Studies, to: To) -> None:
    """Move the catalogue to another database: copied, compared row by row, and then used.

    Images and labels stay where they are, and the former catalogue is kept. Others who have the studies open are told
    to open them again. A password is taken from JLABEL_CATALOGUE_PASSWORD, ~/.pgpass or the keyring.
    """
    from contextlib import nullcontext

    from jlabel.cli.studies_folder import studies_folder
    from jlabel.datastores import LocalDatastore
    from jlabel.display.progress_bar import shown_progress
    from jlabel.progress import NO_PROGRESS

    datastore = LocalDatastore(studies_folder(studies))
    bar = shown_progress("Moving the catalogue") if sys.stderr.isatty() else nullcontext(NO_PROGRESS)
    try:
        with bar as progress:
            place = datastore.migrate_catalogue(to, progress)
    finally:
        datastore.close()
    typer.echo(plain(f"The catalogue is {place} now"))
