"""The summary of a catalogue says what the datastore says, without opening it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jlabel.datastores import LocalDatastore, tables
from jlabel.datastores.summary import _VERSION, studies_summary
from tests.cli.studies import make_studies


def test_it_says_what_the_datastore_says(tmp_path: Path) -> None:
    datastore = LocalDatastore(make_studies(tmp_path))
    datastore.update_image_info("case_2", {"skipped": "now"})
    datastore.save_label("case_3", tmp_path / "labels" / "final" / "case_0.nii.gz", tag="original")
    summary, status = studies_summary(tmp_path), datastore.status()
    assert summary is not None
    same = ("name", "total", "labelled", "unlabelled", "skipped", "unreadable", "unshown", "missing", "label_tags")
    assert {name: getattr(summary, name) for name in same} == {name: status[name] for name in same}
    assert (summary.total, summary.labelled, summary.skipped) == (4, 2, 1)
    assert summary.label_tags == {"final": 2, "original": 1}


def test_drafts_are_counted(tmp_path: Path) -> None:
    datastore = LocalDatastore(make_studies(tmp_path))
    draft = datastore.workspace.draft_file("case_3", "0" * 8)
    assert draft is not None
    draft.parent.mkdir(parents=True)
    draft.write_bytes(b"")
    summary = studies_summary(tmp_path)
    assert summary is not None
    assert summary.drafts == len(datastore.workspace.drafted_images()) == 1


def test_a_folder_with_new_files_is_named(tmp_path: Path) -> None:
    studies = make_studies(tmp_path / "studies")
    LocalDatastore(studies).close()
    make_studies(studies / "more", 1, 0)
    summary = studies_summary(studies)
    assert summary is not None
    assert "" in summary.changed  # the folder has another folder in it now
    assert summary.total == 4


@pytest.mark.parametrize("content", [None, b"no database at all, but long enough to be looked at"])
def test_without_a_catalogue_that_it_can_read_there_is_none(content: bytes | None, tmp_path: Path) -> None:
    make_studies(tmp_path)
    if content is not None:
        (tmp_path / ".jlabel").mkdir()
        (tmp_path / ".jlabel" / "catalogue.sqlite").write_bytes(content)
    assert studies_summary(tmp_path) is None


def test_it_knows_the_version_of_the_tables() -> None:
    assert str(tables.SCHEMA_VERSION) == _VERSION


def test_it_imports_nothing_that_takes_long() -> None:
    code = (
        "import sys, jlabel.datastores.summary;"
        "print([name for name in ('numpy', 'sqlalchemy', 'nibabel', 'scipy', 'torch') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
