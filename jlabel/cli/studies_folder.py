"""A studies folder without its datastore: its jobs and its models, which are files of their own and quickly read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jlabel.errors import DatastoreError, JobError

if TYPE_CHECKING:
    from jlabel.datastores.workspace import Workspace
    from jlabel.jobs.job import Job
    from jlabel.jobs.jobs import Jobs
    from jlabel.jobs.runners import JobRunner
    from jlabel.registry.store import ModelStore

NEWEST = "last"


def studies_argument(text: str) -> Path:
    """The folder that was typed (``file:///data/scans`` is one too), or that of studies elsewhere on this machine.

    Raises:
        DatastoreError: It is a URL with a password, or the folder on this machine cannot be made.
    """
    from jlabel.datastores.remote.address import checked_url, is_url, local_places, remember_url, remembered_url

    if text.startswith("file:"):
        from jlabel.opening import studies_place

        return Path(studies_place(text))
    if not is_url(text):
        return Path(text)
    url = checked_url(text)
    places = local_places(url, {})
    if remembered_url(places.studies) is None:  # else the options that a notebook gave would be forgotten
        remember_url(places, url, {})
    return places.studies


def studies_named(studies: Path) -> str:
    """The studies as people and notebooks know them: the URL of those that lie elsewhere, else the folder."""
    from jlabel.datastores.remote.address import remembered_url

    elsewhere = remembered_url(studies)
    return str(studies) if elsewhere is None else elsewhere[0]


def studies_folder(studies: Path) -> Path:
    """The folder, absolute.

    Raises:
        DatastoreError: There is none.
    """
    folder = studies.expanduser().absolute()
    if not folder.is_dir():
        raise DatastoreError(f"{folder}: there is no such folder of studies")
    return folder


def jobs_of(studies: Path, runner: JobRunner | None = None) -> Jobs:
    """The background jobs of the studies.

    Args:
        studies: The folder.
        runner: Carries out those that are resumed; processes of this machine if not given.
    """
    from jlabel.jobs import Jobs

    folder = _workspace(studies).jobs_folder()
    assert folder is not None
    return Jobs(folder, runner=runner)


def find_job(studies: Path, named: str) -> Job:
    """A job by its id, by the beginning or the end of it, or the last one as ``last``.

    Raises:
        JobError: There is none, or there are several.
    """
    there = jobs_of(studies).list()
    if named == NEWEST and there:
        return there[-1]
    found = [job for job in there if job.id == named] or [
        job for job in there if named and (job.id.startswith(named) or job.id.endswith(named))
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise JobError(f"{named!r} is {len(found)} jobs: {', '.join(job.id for job in found[:5])}")
    raise JobError(f"there is no job {named!r}; 'jlabel jobs {studies_named(studies)}' lists those there are")


def models_of(studies: Path) -> ModelStore:
    """The trained models of the studies."""
    from jlabel.registry import ModelStore

    folder = _workspace(studies).models_folder()
    assert folder is not None
    return ModelStore(folder)


def model_names(studies: Path) -> list[str]:
    """The names of the models of which there are versions."""
    folder = models_of(studies).folder
    if not folder.is_dir():
        return []
    return sorted(one.name for one in folder.iterdir() if one.is_dir() and not one.name.startswith("."))


def _workspace(studies: Path) -> Workspace:
    from jlabel.datastores.safe_names import check_own_place
    from jlabel.datastores.workspace import Workspace
    from jlabel.files.links import OWN_FOLDER

    folder = studies_folder(studies)
    return Workspace(folder / OWN_FOLDER, lambda path: check_own_place(folder, path))
