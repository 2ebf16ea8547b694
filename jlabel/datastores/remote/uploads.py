"""Taking a new image into studies that lie in a store, without ever writing over an object."""

from __future__ import annotations

from pathlib import Path

from jlabel.datastores.adding import check_new_image
from jlabel.datastores.remote.remote_studies import RemoteStudies
from jlabel.errors import DatastoreError


def upload_image(studies: RemoteStudies, image_id: str | None, source: Path) -> str:
    """Upload a file or DICOM folder, and return its id.

    Raises:
        DatastoreError: It is no image, the id is unsafe or taken, or it cannot be uploaded.
    """
    if studies.labels.only_read is not None:
        raise DatastoreError(studies.labels.only_read)
    new = check_new_image(studies, image_id, source)
    top = (studies.images_top / new.path).relative_to(studies.root).as_posix()
    if new.is_series:
        inside = sorted(file for file in new.source.rglob("*") if file.is_file())
        files = {f"{top}/{file.relative_to(new.source).as_posix()}": file for file in inside}
    else:
        files = {top: new.source}
        partner = new.source.with_suffix(".img")
        if new.source.suffix.lower() == ".hdr" and partner.is_file():
            files = {f"{top[:-4]}.img": partner, **files}
    for path, file in files.items():
        try:
            studies.store.put_new(path, str(file))
        except FileExistsError:
            raise DatastoreError(
                f"{studies.store.url}/{path}: there is an object of that name already, and it is not written over"
            ) from None
    studies.update()
    return studies.id_of(new.path) or new.image_id
