"""An app that is a folder with ``main.py``: found, made, and its code kept apart from that of other apps."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import jlabel
from tests.apps.app_folder.conftest import WriteApp

MAIN = """
import lib.configs
from lib.infers import Threshold

import jlabel


class MyApp(jlabel.LabelApp):
    def init_infers(self):
        return {"threshold": Threshold(lib.configs.LABELS, config={"above": int(self.conf.get("above", "70"))})}

    def init_scoring_methods(self):
        from lib.scoring import Volume

        return {"volume": Volume()}
"""
INFERS = """
import jlabel
from monai.transforms import EnsureChannelFirstd, LoadImaged


class Threshold(jlabel.InferTask):
    def __init__(self, labels, **kwargs):
        super().__init__(labels=labels, **kwargs)

    def pre_transforms(self, data):
        return [LoadImaged("image"), EnsureChannelFirstd("image")]

    def inferer(self, data):
        from lib.configs import above

        return [lambda data: {**data, "pred": above(data["image"], data["above"])}]

    def post_transforms(self, data):
        return []
"""
CONFIGS = """
LABELS = {labels!r}


def above(image, value):
    return image > value
"""
SCORING = """
import jlabel


class Volume(jlabel.ScoringMethod):
    def __call__(self, request, datastore):
        import lib.configs

        for image_id in datastore.list_images():
            datastore.update_image_info(image_id, {"labels": len(lib.configs.LABELS)})
        return {"images": datastore.count_images()}
"""


def files(*labels: str) -> dict[str, str]:
    return {
        "main.py": MAIN,
        "lib/__init__.py": "",
        "lib/infers/__init__.py": "from .threshold import Threshold",
        "lib/infers/threshold.py": INFERS,
        "lib/configs.py": CONFIGS.format(labels=list(labels)),
        "lib/scoring.py": SCORING,
    }


def test_the_app_of_a_folder_is_found_and_gets_its_settings_as_texts(write_app: WriteApp, studies: Path) -> None:
    folder = write_app(files("liver"))
    app = jlabel.open_app(folder, studies=studies, conf={"above": 100, "scribbles": True, "models": ["a", "b"]})
    assert (app.name, app.app_dir, app.model_dir) == ("MyApp", str(folder), str(folder / "model"))
    assert app.conf == {"above": "100", "scribbles": "true", "models": "a,b"}
    assert app.info()["labels"] == {"liver": 1}
    manager = jlabel.AppManager(app, device="cpu")
    assert int(manager.infer("threshold", "case_0").mask.sum()) == 19
    manager.close()


def test_two_apps_with_a_lib_each_do_not_mix(write_app: WriteApp, studies: Path) -> None:
    one = jlabel.open_app(write_app(files("liver"), "one"), studies=studies)
    other = jlabel.open_app(write_app(files("heart", "lung"), "other"), studies=studies)
    for app in (one, other, one):
        manager = jlabel.AppManager(app, device="cpu")
        assert manager.infer("threshold", "case_0").labels == app.info()["labels"]
        manager.close()
    assert "lib" not in sys.modules
    assert str(Path(one.app_dir)) not in sys.path


def test_it_is_read_anew_when_it_is_opened_again(write_app: WriteApp, studies: Path) -> None:
    before = jlabel.open_app(write_app(files("liver")), studies=studies)
    after = jlabel.open_app(write_app(files("heart")), studies=studies)
    assert [list(app.info()["labels"]) for app in (before, after)] == [["liver"], ["heart"]]


@pytest.mark.timeout(900)
def test_a_job_finds_the_code_of_the_folder(write_app: WriteApp, studies: Path, own_locks: Path) -> None:
    app = jlabel.open_app(write_app(files("heart", "lung")), studies=studies)
    manager = jlabel.AppManager(app, device="cpu")
    job = manager.score("volume")
    job.wait(600)
    assert job.state == "done", job.error
    assert app.datastore.get_image_info("case_0")["labels"] == 2
    manager.close()


def test_the_arguments_are_those_that_the_app_takes(write_app: WriteApp, studies: Path) -> None:
    text = """
    import jlabel

    class Mine(jlabel.RadiologyApp):
        def __init__(self, studies):
            super().__init__(studies, ["liver"])
    """
    folder = write_app({"main.py": text})
    assert jlabel.open_app(folder, studies).name == "Radiology"
    with pytest.raises(jlabel.ConfigError, match=r"main\.py: Mine does not take labels; it takes studies"):
        jlabel.open_app(folder, studies, labels=["spleen"])
    with pytest.raises(jlabel.ConfigError, match="Mine does not take conf"):
        jlabel.open_app(folder, studies, conf={"models": "all"})


@pytest.mark.parametrize(
    ("main", "reason"),
    [
        ("x = 1", "it has no app: write a class MyApp"),
        ("from jlabel import LabelApp", "it has no app"),
        ("import jlabel\nclass A(jlabel.LabelApp): ...\nclass B(jlabel.LabelApp): ...", "several apps, A, B"),
        ("import jlabel\n\nx = 1 / 0\n", r"ZeroDivisionError.*\n.*main\.py, line 3, in <module>: x = 1 / 0"),
        ("import jlabel\nclass A(jlabel.LabelApp\n", r"SyntaxError.*\n.*main\.py, line 2: class A\(jlabel\.LabelApp"),
        ("import libb.configs", "No module named 'libb'"),
        (
            "import jlabel\nclass A(jlabel.LabelApp):\n    def __init__(self, studies, conf):\n        exit(-1)\n",
            r"exit\(-1\); see what it printed\n.*line 4, in __init__: exit\(-1\)",
        ),
        (
            "import jlabel\nclass A(jlabel.LabelApp):\n    def init_infers(self):\n        return self.nothing\n",
            r"A cannot be made: AttributeError.*\n.*line 4, in init_infers: return self\.nothing",
        ),
        ("import jlabel\nclass A(jlabel.LabelApp):\n    def __init__(self, studies): ...", "does not call super"),
    ],
)
def test_what_is_wrong_is_told_with_the_authors_own_line(
    main: str, reason: str, write_app: WriteApp, studies: Path
) -> None:
    with pytest.raises(jlabel.ConfigError, match=f"(?s){reason}"):
        jlabel.open_app(write_app({"main.py": main}), studies=studies)


def test_a_folder_without_main_is_told_and_the_one_inside_it_named(write_app: WriteApp, tmp_path: Path) -> None:
    with pytest.raises(jlabel.ConfigError, match="there is no such folder"):
        jlabel.open_app(tmp_path / "nothing")
    write_app(files("liver"), "apps/radiology")
    with pytest.raises(jlabel.ConfigError, match=r"no main\.py.*did you mean its folder 'radiology'"):
        jlabel.open_app(tmp_path / "apps")
