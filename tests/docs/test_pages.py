"""The code on every page runs, block after block, as a reader would run it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.docs.conftest import make_dicom, make_labels
from tests.docs.pages import DOCS, Block, blocks, files, pages, title

LABELLED = "<!-- studies: labelled -->"
DICOM = "<!-- studies: dicom -->"
CVAT = "<!-- server: cvat -->"
DICOMWEB = "<!-- server: dicomweb -->"
S3 = "<!-- server: s3 -->"
POSTGRESQL = "<!-- server: postgresql -->"
DASK = "<!-- server: dask -->"
CPU = "<!-- devices: cpu -->"
WITH_CODE = [page for page in pages() if blocks(page)]


# Some pages begin several trainings, one after the other; on a busy machine each waits for its process to start.
@pytest.mark.timeout(900)
@pytest.mark.parametrize("page", WITH_CODE, ids=title)
def test_the_code_of_a_page_runs(page: Path, home: Path, request: pytest.FixtureRequest) -> None:
    text = page.read_text(encoding="utf-8")
    if CVAT in text:
        request.getfixturevalue("cvat_server")
    places: dict[str, str] = {}
    if DICOMWEB in text:
        places["http://localhost:8042/dicom-web"] = request.getfixturevalue("dicomweb_server").url
    if S3 in text:
        places["s3://bucket"] = request.getfixturevalue("bucket_of_studies")
        places["https://s3.lab.example"] = request.getfixturevalue("s3_server")
    if POSTGRESQL in text:
        places["postgresql://team@db.hospital/jlabel"] = request.getfixturevalue("postgres").url()
    if DASK in text:
        places["tcp://scheduler:8786"] = request.getfixturevalue("dask_scheduler")
        places["n_workers=8"] = "n_workers=1"
    if CPU in text:
        places |= dict.fromkeys(('"cuda:0"', '"cuda:1"'), '"cpu"')
    if LABELLED in text:
        make_labels(home / "scans" / "labels" / "final", 5)
    if DICOM in text:
        make_dicom(home / "scans")
    for name, content in files(page).items():
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_text(content, encoding="utf-8")
    namespace: dict[str, Any] = {"__name__": "__main__", "display": lambda *_: None}
    try:
        for block in blocks(page):
            _run(block, namespace, places)
    finally:
        _close(namespace)


def test_every_how_to_has_code() -> None:
    without = {"index", "keyboard"}
    bare = [title(page) for page in (DOCS / "how-to").glob("*.md") if page.stem not in without and not blocks(page)]
    assert bare == []


def test_a_fence_is_closed_and_of_a_known_kind() -> None:
    known = {"python", "bash", "text", "json", "yaml", "console", "ini", ""}
    for page in pages():
        fences = re.findall(r"^ *```(.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert len(fences) % 2 == 0, title(page)
        assert {fence.strip() for fence in fences} <= known, title(page)


def _run(block: Block, namespace: dict[str, Any], places: dict[str, str]) -> None:
    # Empty lines before it, so that a traceback has the page's own lines.
    text = block.code
    for shown, here in places.items():
        text = text.replace(shown, here)
    code = compile("\n" * (block.line - 1) + text, title(block.page), "exec", dont_inherit=True)
    exec(code, namespace)


def _close(namespace: dict[str, Any]) -> None:
    """End the threads of labelers and managers, and the jobs that still run."""
    from jlabel.active_learning import AnnotationLoop
    from jlabel.jobs import Job

    values = list(namespace.values())
    for loop in [value for value in values if isinstance(value, AnnotationLoop)]:
        loop.stop()
    for job in [value for value in values if isinstance(value, Job)]:
        job.cancel()
        job.wait(30)
    for value in values:
        if not isinstance(value, type) and type(value).__name__ in ("Labeler", "AppManager", "Cvat", "LocalCluster"):
            value.close()
