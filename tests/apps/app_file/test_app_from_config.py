"""Apps from files: what a file adds to an app, what its items may refer to, and what ``run`` does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import jlabel
from jlabel.apps.app_file.app_file import AppFile
from jlabel.registry import ModelStore
from tests.apps.app_file.conftest import Write


class Threshold(jlabel.InferTask):
    """What an author may have in a module of their own; it counts how often it is made."""

    made = 0

    def __init__(self, low: int = 0, device: str = "cpu", **rest: Any) -> None:
        super().__init__(**rest)
        type(self).made += 1
        self.low, self.device = low, device

    def pre_transforms(self, data: dict[str, Any]) -> list[Any]:
        return []

    inferer = post_transforms = pre_transforms


class MyApp(jlabel.LabelApp):
    """An app with labels of its own."""

    def __init__(self, studies: str, low: int = 1) -> None:
        self.low = low
        super().__init__(studies, ["heart", "lung"])

    def init_infers(self) -> dict[str, jlabel.InferTask]:
        return {"own": Threshold(self.low), "other": Threshold(self.low)}


class TakesBundles(jlabel.LabelApp):
    """An app that remembers the folders of bundles that it was given."""

    def __init__(self, studies: str, labels: list[str], bundles: list[Path]) -> None:
        self.given = bundles
        super().__init__(studies, labels)


@pytest.fixture(autouse=True)
def reachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if an author's module: ``author.Threshold``."""
    import sys
    import types

    module = types.ModuleType("author")
    for one in (Threshold, MyApp, TakesBundles):
        setattr(module, one.__name__, one)
    monkeypatch.setitem(sys.modules, "author", module)
    monkeypatch.setattr(Threshold, "made", 0)


def test_a_whole_app(write: Write, studies: Path) -> None:
    app = jlabel.app_from_config(
        write("""
            name: Abdomen
            description: Two organs on CT
            labels: {liver: 1, spleen: 5}
            tags: {contrast: ["yes", "no"], phase: "$['arterial', 'venous']",
                   diagnosis: {classes: [pneumonia, effusion], several: true}}
            infers:
              click: {_target_: jlabel.ClassicClickSegment}
              segmentation: {_target_: jlabel.Segmentation, published: '@published', labels: '$list(@labels)'}
            trainers:
              segmentation: {_target_: jlabel.SegmentationTrainTask}
            strategies:
              in order: {_target_: jlabel.First}
            scoring_methods:
              looks: {_target_: jlabel.Appearance}
            published: {_target_: jlabel.PublishedModel, store: '@model_store', name: segmentation}
        """),
        studies=studies,
    )
    assert isinstance(app, jlabel.LabelApp)
    assert (app.name, app.description) == ("Abdomen", "Two organs on CT")
    assert {label.name: label.value for label in app.labels} == {"liver": 1, "spleen": 5}
    assert {one.name: one.classes for one in app.tags if not one.several} == {
        "contrast": ("yes", "no"),
        "phase": ("arterial", "venous"),
    }
    assert [(one.name, one.classes) for one in app.tags if one.several] == [("diagnosis", ("pneumonia", "effusion"))]
    assert list(app.infers) == ["click", "segmentation"]
    assert app.infers["segmentation"].labels == {"liver": 1, "spleen": 2}
    assert list(app.trainers) == ["segmentation"]
    assert app.strategies.keys() >= {"in order", "random", "epistemic"}  # the last asks the segmentation
    assert "looks" in app.scoring_methods
    assert app.datastore.list_images() == ["case_0"]
    assert isinstance(app.infers["segmentation"].published.store, ModelStore)  # type: ignore[union-attr]
    with jlabel.AppManager(app, device="cpu").labeler("case_0") as labeler:
        assert labeler is not None


def test_tags_go_to_an_app_that_takes_them_and_get_its_models(write: Write, studies: Path) -> None:
    text = "labels: [liver]\ntags: {contrast: ['yes', 'no']}\n"
    app = jlabel.app_from_config(write(f"{text}app: jlabel.RadiologyApp"), studies)
    assert "contrast" in app.infers
    assert "contrast" in app.trainers
    with pytest.raises(jlabel.ConfigError, match=r"MyApp cannot be made: .*'labels'; it takes studies, low"):
        jlabel.app_from_config(write(f"{text}app: author.MyApp"), studies)


def test_an_app_to_begin_with_is_added_to_replaced_and_left_out_of(write: Write, studies: Path) -> None:
    file = write("""
        app: {_target_: jlabel.RadiologyApp, name: from arguments}
        labels: [liver]
        infers:
          click: {_target_: author.Threshold, low: 7}
          mine: {_target_: author.Threshold}
          click_2d: null
          click_classic: {_target_: author.Threshold, _disabled_: true}
    """)
    app = jlabel.app_from_config(file, studies)
    assert isinstance(app, jlabel.RadiologyApp)
    assert type(app).__name__ == "RadiologyApp"
    assert app.name == "from arguments"
    assert app.infers["click"].low == 7  # type: ignore[attr-defined]
    assert "mine" in app.infers
    assert "click_2d" not in app.infers
    assert isinstance(app.infers["click_classic"], jlabel.ClassicClickSegment)
    assert app.trainers.keys() == jlabel.RadiologyApp(studies, ["liver"]).trainers.keys()


@pytest.mark.parametrize("said", ["author.MyApp", "$import_of.MyApp", {"_target_": "author.MyApp"}])
def test_a_class_of_ones_own_may_have_its_labels(said: Any, write: Write, studies: Path) -> None:
    file = write({"app": said, "name": "Thorax", "import_of": "$import author as import_of", "all": "@labels"})
    if said != "$import_of.MyApp":
        app = jlabel.app_from_config(file, studies)
        assert [label.name for label in app.labels] == ["heart", "lung"]
        assert (app.name, list(app.infers)) == ("Thorax", ["own", "other"])


def test_items_may_refer_to_what_the_app_has(write: Write, studies: Path) -> None:
    file = AppFile(
        write(
            """
            app: {_target_: author.MyApp, low: 3}
            infers:
              sees: {_target_: author.Threshold, labels: '@labels', description: '$str(@datastore.count_images())'}
              same: '@infers::sees'
            strategies: {mine: {_target_: author.Remembers}}
            where: [$str(@app_root), $str(@studies)]
        """.replace("strategies: {mine: {_target_: author.Remembers}}", "strategies: {}")
        )
    )
    app = file.make(studies)
    assert app.infers["sees"].labels == {"heart": 1, "lung": 2}
    assert app.infers["sees"].description == "1"
    assert app.infers["same"] is app.infers["sees"]
    assert Threshold.made == 3
    assert file.evaluated("where") == [str(studies.parent), str(studies)]


def test_overrides_by_either_separator(write: Write, studies: Path) -> None:
    file = write("labels: [a]\ninfers: {spleen: {_target_: author.Threshold, device: cuda, low: 1}}")
    app = jlabel.app_from_config(file, studies, {"infers#spleen#device": "cpu", "infers::spleen::low": 5, "name": "x"})
    assert (app.infers["spleen"].device, app.infers["spleen"].low, app.name) == ("cpu", 5, "x")  # type: ignore[attr-defined]


def test_several_files_and_their_overrides(write: Write, studies: Path) -> None:
    base = write("labels: [a]\ninfers: {one: {_target_: author.Threshold, low: 1}}")
    mine = write({"infers#one#low": 2, "+infers": {"two": {"_target_": "author.Threshold"}}}, "mine.json")
    app = jlabel.app_from_config([base, mine], studies)
    assert {name: task.low for name, task in app.infers.items()} == {"one": 2, "two": 0}  # type: ignore[attr-defined]
    assert jlabel.app_from_config([base, mine], studies, {"infers#one#low": 3}).infers["one"].low == 3  # type: ignore[attr-defined]


def test_a_datastore_of_its_own(write: Write, studies: Path, tmp_path: Path) -> None:
    file = write("""
        labels: [a]
        datastore: {_target_: jlabel.LocalDatastore, folder: "$@app_root + '/studies'", name: mine}
    """)
    app = jlabel.app_from_config(file)
    assert app.datastore.list_images() == ["case_0"]
    assert app.datastore.name() == "mine"
    named = write("labels: [a]\ndatastore: {_target_: jlabel.LocalDatastore, folder: '@studies'}")
    assert jlabel.app_from_config(named, studies).datastore.list_images() == ["case_0"]


def test_studies_of_the_file_count_from_its_folder_and_a_callers_win(
    write: Write, studies: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    file = write("labels: [a]\nstudies: studies")
    assert jlabel.app_from_config(file).datastore.list_images() == ["case_0"]
    (tmp_path / "empty").mkdir()
    assert jlabel.app_from_config(file, tmp_path / "empty").datastore.list_images() == []
    assert jlabel.app_from_config(file, overrides={"studies": "empty"}).datastore.list_images() == []
    assert jlabel.app_from_config(file, jlabel.LocalDatastore(studies)).datastore.list_images() == ["case_0"]


def test_folders_of_bundles_count_from_the_files_folder(
    write: Write, studies: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    (tmp_path / "my bundles" / "one").mkdir(parents=True)
    file = write("app: author.TakesBundles\nlabels: [a]\nbundles: [my bundles/one, $@app_root]")
    app = jlabel.app_from_config(file, studies)
    assert app.given == [tmp_path / "my bundles" / "one", tmp_path]  # type: ignore[attr-defined]


def test_the_app_may_name_its_studies_itself(write: Write, studies: Path) -> None:
    file = write("app: {_target_: jlabel.LabelApp, studies: $@app_root + '/studies'}\nlabels: [a]")
    assert jlabel.app_from_config(file).datastore.list_images() == ["case_0"]


def test_keys_of_the_authors_own_may_be_like_those_of_jlabel(write: Write, studies: Path) -> None:
    file = write("label: [a]\nlabels: '@label'\nvariable: 5\nnames: {x: 1}\nother: $@names['x']")
    assert jlabel.app_from_config(file, studies).labels[0].name == "a"


@pytest.mark.parametrize(
    "labels",
    [
        "[liver, spleen]",
        "{liver: 1, spleen: 2}",
        "'@organs'",
        "$[*@organs]",
        "'%organs'",
        "['$@organs[0]', spleen]",
    ],
)
def test_labels_in_every_form(labels: str, write: Write, studies: Path) -> None:
    app = jlabel.app_from_config(write(f"organs: [liver, spleen]\nlabels: {labels}"), studies)
    assert [(label.name, label.value) for label in app.labels] == [("liver", 1), ("spleen", 2)]


def test_labels_with_colours(write: Write, studies: Path) -> None:
    file = write("labels: [{_target_: jlabel.Label, name: liver, value: 3, color: '#0072b2'}]")
    assert jlabel.app_from_config(file, studies).labels == (jlabel.Label("liver", 3, "#0072b2"),)


def test_run_has_the_app_and_the_manager_at_hand(write: Write, studies: Path) -> None:
    file = AppFile(write("labels: [a]\nrun: [$@app.name, $@manager.app is @app, $@manager.datastore.count_images()]"))
    app = file.make(studies)
    manager = jlabel.AppManager(app, device="cpu")
    assert file.has_run
    assert file.run(manager) == ["LabelApp", True, 1]
    manager.close()


def test_a_path_with_spaces_and_letters_of_any_script(write: Write, studies: Path) -> None:
    write({"names": ["Leber", "肝臓"]}, "Mein Ordner 文書/namen ü.json")
    file = write("labels: '%namen ü.json::names'", "Mein Ordner 文書/app é.yaml")
    assert [label.name for label in jlabel.app_from_config(str(file), studies).labels] == ["Leber", "肝臓"]


def test_the_home_folder_may_be_written_short(write: Write, studies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write("labels: [a]")
    monkeypatch.setenv("HOME", str(file.parent))
    assert jlabel.app_from_config("~/app.yaml", studies="~/studies").datastore.list_images() == ["case_0"]


def test_an_app_is_made_once(write: Write, studies: Path) -> None:
    file = AppFile(write("labels: [a]"))
    file.make(studies)
    with pytest.raises(jlabel.ConfigError, match="was made already"):
        file.make(studies)
