"""The app manager: opens images, runs models in the background, chooses the next image, and saves labels."""

from __future__ import annotations

from jlabel.manager.adding_videos import AddingVideos
from jlabel.manager.background_jobs import BackgroundJobs
from jlabel.manager.catalogue_moving import CatalogueMoving
from jlabel.manager.dicom_labels import DicomLabels
from jlabel.manager.effort import Effort
from jlabel.manager.exporting import Exporting
from jlabel.manager.exporting_labels import ExportingLabels
from jlabel.manager.importing_labels import ImportingLabels
from jlabel.manager.inference import Inference
from jlabel.manager.reviewing import Reviewing
from jlabel.manager.scoring import Scoring
from jlabel.manager.selecting import Selecting
from jlabel.manager.tagging import Tagging
from jlabel.manager.team_overview import TeamOverview
from jlabel.manager.verdicts import Verdicts


class AppManager(
    TeamOverview,
    Verdicts,
    DicomLabels,
    AddingVideos,
    ImportingLabels,
    ExportingLabels,
    Tagging,
    Inference,
    Selecting,
    Scoring,
    Reviewing,
    Effort,
    BackgroundJobs,
    Exporting,
    CatalogueMoving,
):
    """Runs the models, trainings and strategies of an app on its datastore.

    Args:
        app: The app.
        device: Where models run: ``"auto"`` (the first GPU, else the CPU), ``"cpu"``, ``"cuda"``, ``"cuda:1"``.
        cache_bytes: How much memory opened and prepared images may take; a quarter of the machine's if not given.
        jobs: A folder for background jobs; the datastore's own if not given.
        runner: Where background jobs run: on this machine (``"local"``) if not given, on a Dask cluster
            (:class:`jlabel.DaskRunner`, or the address of its scheduler), or on workers that SLURM or PBS starts
            (``"slurm"``, ``"pbs"``).
        **runner_options: What that runner takes, such as ``queue="gpu"``.

    Raises:
        TaskError: The device does not exist.
        JobError: There is no such runner.
        DatastoreError: The label set that is saved with the studies cannot be read.
    """
