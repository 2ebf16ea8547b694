"""Moving the catalogue of the studies to another database."""

from __future__ import annotations

from pathlib import Path

from jlabel.datastores import LocalDatastore
from jlabel.display.progress_bar import shown_progress
from jlabel.errors import DatastoreError
from jlabel.manager.manager_base import ManagerBase
from jlabel.progress import Progress


class CatalogueMoving(ManagerBase):
    """Where the catalogue of the studies is; see :class:`jlabel.AppManager`."""

    def migrate_catalogue(self, to: str | Path, *, progress: Progress | None = None) -> str:
        """Move the catalogue to a PostgreSQL database, or back into a file; images and labels stay where they are.

        It is copied in one transaction, the copy is compared row by row, and then the folder goes over to it at once.
        The former catalogue is kept. See :meth:`jlabel.LocalDatastore.migrate_catalogue`.

        Args:
            to: ``postgresql://user@host/database?schema=name``, the path of a new file, or ``"sqlite"`` for the file in
                the studies folder.
            progress: Gets the part that is done, and can cancel; a bar is shown if not given.

        Returns:
            Where it is now, without a password.

        Raises:
            DatastoreError: Somebody writes, or it cannot be moved there; nothing has changed.
            Cancelled: ``progress`` cancelled it; nothing has changed.

        Examples:
            >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
            >>> manager.migrate_catalogue(to=studies.parent / "catalogue.sqlite").endswith("catalogue.sqlite")
            True
            >>> manager.migrate_catalogue(to="sqlite") == str(studies / ".jlabel" / "catalogue.sqlite")
            True
            >>> manager.close()
        """
        datastore = self.datastore
        if not isinstance(datastore, LocalDatastore):
            raise DatastoreError(f"{type(datastore).__name__} is no studies folder, whose catalogue can be moved")
        if progress is not None:
            return datastore.migrate_catalogue(to, progress)
        with shown_progress("Moving the catalogue") as shown:
            return datastore.migrate_catalogue(to, shown)
