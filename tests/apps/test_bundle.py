"""The app of bundles: by folder, by the name of a download, and with clicks to correct."""

from __future__ import annotations

from pathlib import Path

import pytest

import jlabel
from tests.cli.studies import make_studies
from tests.docs.conftest import make_bundle


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    return make_studies(tmp_path / "studies", cases=1, labelled=0)


@pytest.fixture
def downloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the downloads, with one bundle in it."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    folder = tmp_path / "data" / "jlabel" / "bundles"
    make_bundle(folder / "spleen_ct")
    return folder


def test_a_bundle_by_its_name_among_the_downloads(studies: Path, downloads: Path) -> None:
    app = jlabel.BundleApp(studies, conf={"bundles": "spleen_ct"})
    assert list(app.infers) == ["click", "click_2d", "click_classic", "spleen_ct"]
    assert list(app.trainers) == ["click", "spleen_ct"]
    assert [label.name for label in app.labels] == ["spleen"]


def test_a_bundle_by_its_folder(studies: Path, downloads: Path) -> None:
    for app in (
        jlabel.BundleApp(studies, bundles=[downloads / "spleen_ct"]),
        jlabel.BundleApp(studies, conf={"bundles": str(downloads / "spleen_ct")}),
    ):
        assert "spleen_ct" in app.infers


def test_without_a_bundle_it_says_what_to_do(studies: Path, downloads: Path) -> None:
    with pytest.raises(jlabel.ConfigError, match="no bundle is named"):
        jlabel.BundleApp(studies)
    with pytest.raises(jlabel.ConfigError, match="get it: jlabel bundles download liver"):
        jlabel.BundleApp(studies, conf={"bundles": "liver"})
