"""Commands whose jobs run on a cluster: ``jlabel train --runner``, and ``jlabel jobs --resume`` on another runner."""

from __future__ import annotations

from pathlib import Path

from jlabel.cli.studies_folder import jobs_of
from tests.apps.app_file.conftest import Write
from tests.apps.app_file.conftest import write as write
from tests.cli.conftest import Jlabel
from tests.cli.conftest import jlabel as jlabel
from tests.cli.studies import make_studies
from tests.jobs.dask.clusters import Cluster

APP = "labels: [liver]\ntrainers: {{count: {{_target_: tests.cli.bright.Count, fails: {fails}}}}}"


def test_a_scheduler_is_named_by_its_address(
    jlabel: Jlabel, write: Write, tmp_path: Path, cluster: Cluster, own_locks: Path
) -> None:
    studies = make_studies(tmp_path / "studies", cases=1, labelled=1)
    there = ("--runner", cluster.address, "--runner-option", "lease", "5")
    assert jlabel("train", studies, "--app", write(APP.format(fails="false")), *there)[0] == 0
    (job,) = jobs_of(studies).list()
    assert (job.state, job.folder.cluster.exists()) == ("done", True)

    assert jlabel("train", studies, "--app", write(APP.format(fails="true")))[0] == 1
    job = jobs_of(studies).list()[-1]
    assert not job.folder.cluster.exists()
    assert "cannot count" in jlabel("jobs", studies, "--resume", "last", *there)[2]
    assert job.folder.cluster.exists()
