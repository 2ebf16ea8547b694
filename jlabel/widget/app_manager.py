"""The app manager in a notebook: it also shows the labeler and jobs in cells."""

from __future__ import annotations

import sys
from dataclasses import fields
from typing import Any

from jlabel.active_learning import AnnotationLoop, LoopSettings, usual_strategy
from jlabel.cvat import Cvat
from jlabel.errors import TaskError
from jlabel.jobs import Job
from jlabel.manager import AppManager as BaseManager
from jlabel.widget.job_panel import show_job
from jlabel.widget.labeler import Labeler
from jlabel.widget.loop_panel import show_loop


class ShownLoop(AnnotationLoop):
    """A loop that a notebook shows as a live panel."""

    def _ipython_display_(self) -> None:
        if not show_loop(self):
            sys.stdout.write(f"{self.status()}\n")


class AppManager(BaseManager):
    """Runs an app in a notebook: inference, training, strategies, and the labeler in a cell.

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

    Examples:
        >>> app = jlabel.RadiologyApp(studies=studies, labels=["liver"])
        >>> manager = jlabel.AppManager(app, device="cpu")
        >>> manager.next_image("first")
        'case_0'
        >>> labeler = manager.labeler("case_0")
        >>> labeler
        Labeler: case_0 (0 of 3 labelled)
        >>> labeler.close()

        Without the labeler, from a script:

        >>> result = manager.infer("click", "case_0", [jlabel.Click((6, 5, 4))], label="liver")
        >>> result.mask.shape
        (12, 10, 8)
        >>> manager.save_label("case_0", result.mask)
        'case_0'
        >>> manager.next_image("first")
        'case_1'
        >>> manager.close()
    """

    def labeler(self, image_id: str | None = None, **options: Any) -> Labeler:
        """The labeler in a notebook cell.

        Args:
            image_id: The image to begin with. If not given, the one whose draft you did not save last, so that work
                goes on where it was interrupted; where there is none, the strategy's choice.
            **options: See :class:`jlabel.Labeler`.
        """
        return Labeler(self, image_id=image_id, **options)

    def annotate_with(self, server: Cvat, project: str, *, start: bool = True, **settings: Any) -> AnnotationLoop:
        """Active learning with a CVAT server: the images that a strategy chooses go out, people annotate them there,
        their labels come back, the model learns, and it goes on. As the last line of a cell the loop is a live panel.

        What is out and what came back is kept with the studies: after a restart the same call goes on.

        Args:
            server: The server.
            project: The project there; made where there is none, and its labels completed.
            start: Whether the loop goes on by itself from now on; if not, ``loop.send()``, ``loop.pull()`` and
                ``loop.step()`` go step by step.
            **settings: Those of :class:`jlabel.active_learning.LoopSettings`, such as ``strategy="epistemic"``,
                ``top_k=10`` and ``train="segmentation"``.

        Returns:
            The loop.

        Raises:
            TaskError: No such strategy or train task, or a setting makes no sense.
        """
        known = {field.name for field in fields(LoopSettings)}
        wrong = next((name for name in settings if name not in known), None)
        if wrong is not None:
            raise TaskError(f"a loop has no setting {wrong!r}; it has {', '.join(sorted(known))}")
        chosen = {"strategy": usual_strategy(self), **settings}
        loop = ShownLoop(self, server, LoopSettings(project, **chosen))
        if start:
            loop.start()
        return loop

    def show_job(self, job: Job) -> bool:
        """Show a job in the cell that runs; False outside of notebooks."""
        return show_job(job, self.resume)
