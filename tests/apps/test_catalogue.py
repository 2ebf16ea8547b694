"""Where the catalogue is: every way to make an app takes it, and the environment names it for all of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import jlabel
from jlabel.apps.templates import TEMPLATES
from jlabel.cli.studies_app import AppChoice
from tests.cli.studies import make_studies
from tests.docs.conftest import make_bundle
from tests.postgres_server import PostgresServer

LABELS = ["liver"]
FILE = "labels: [liver]\ncatalogue: CATALOGUE\n"
OWN = """
import jlabel

class MyApp(jlabel.MONAILabelApp):
    def __init__(self, app_dir, studies, conf):
        super().__init__(app_dir, studies, conf, labels=["liver"])
"""


class Place:
    """A folder with studies, a bundle, an app's folder and an app file."""

    def __init__(self, folder: Path) -> None:
        self.studies = make_studies(folder / "studies", cases=1, labelled=0)
        self.bundle, self.app, self.file = folder / "spleen", folder / "myapp", folder / "app.yaml"
        self.elsewhere = folder / "elsewhere.sqlite"
        make_bundle(self.bundle)
        TEMPLATES["radiology"].write(self.app)
        self.file.write_text(FILE)

    def own(self) -> Path:
        """The folder of an app whose constructor is that of MONAI Label."""
        folder = self.app.with_name("theirs")
        folder.mkdir()
        (folder / "main.py").write_text(OWN)
        return folder


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


MAKERS: dict[str, Callable[[Place, dict[str, Any]], jlabel.LabelApp]] = {
    "LabelApp": lambda place, more: jlabel.LabelApp(place.studies, LABELS, **more),
    "RadiologyApp": lambda place, more: jlabel.RadiologyApp(place.studies, LABELS, **more),
    "EndoscopyApp": lambda place, more: jlabel.EndoscopyApp(place.studies, LABELS, **more),
    "PathologyApp": lambda place, more: jlabel.PathologyApp(place.studies, **more),
    "BundleApp": lambda place, more: jlabel.BundleApp(place.studies, bundles=[place.bundle], **more),
    "MONAILabelApp": lambda place, more: jlabel.MONAILabelApp(".", place.studies, {}, labels=LABELS, **more),
    "open_app": lambda place, more: jlabel.open_app(place.app, place.studies, labels=LABELS, **more),
    "app_from_config": lambda place, more: jlabel.app_from_config(
        place.file, place.studies, {"catalogue": str(place.elsewhere)}, **more
    ),
}


@pytest.mark.parametrize("maker", MAKERS)
def test_every_app_takes_it(maker: str, place: Place) -> None:
    app = MAKERS[maker](place, {"catalogue": place.elsewhere})
    assert app.datastore.list_images() == ["case_0"]
    assert place.elsewhere.is_file()
    assert not (place.studies / ".jlabel" / "catalogue.sqlite").exists()


@pytest.mark.parametrize("maker", [*(name for name in MAKERS if name != "app_from_config"), "command line", "own"])
def test_the_environment_names_it_for_every_app(maker: str, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JLABEL_CATALOGUE", str(place.elsewhere))
    makers = {
        **MAKERS,
        "command line": lambda place, more: AppChoice(place.studies, str(place.app), LABELS).make(),
        "own": lambda place, more: jlabel.open_app(place.own(), place.studies),
    }
    assert makers[maker](place, {}).datastore.count_images() == 1
    assert place.elsewhere.is_file()
    assert not (place.studies / ".jlabel" / "catalogue.sqlite").exists()


def test_an_app_file_names_a_database(place: Place, postgres: PostgresServer) -> None:
    url = postgres.new_url()
    place.file.write_text(FILE.replace("CATALOGUE", url))
    jlabel.app_from_config(place.file, place.studies)
    assert not (place.studies / ".jlabel" / "catalogue.sqlite").exists()
    assert jlabel.LabelApp(place.studies, LABELS).datastore.count_images() == 1  # the folder remembers it


def test_a_path_in_an_app_file_counts_from_the_file(place: Place) -> None:
    place.file.write_text(FILE.replace("CATALOGUE", "elsewhere.sqlite"))
    jlabel.app_from_config(place.file, place.studies)
    assert place.elsewhere.is_file()


def test_a_password_has_no_place_in_an_app_file(place: Place) -> None:
    place.file.write_text(FILE.replace("CATALOGUE", "postgresql://me:hidden@db/jlabel"))
    with pytest.raises(jlabel.ConfigError, match="line 2: catalogue: the address holds a password") as told:
        jlabel.app_from_config(place.file, place.studies)
    assert "hidden" not in str(told.value)


def test_an_app_that_does_not_take_it_says_what_to_do(place: Place) -> None:
    with pytest.raises(jlabel.ConfigError, match=r"MyApp does not take catalogue; .* JLABEL_CATALOGUE"):
        jlabel.open_app(place.own(), place.studies, catalogue=place.elsewhere)
