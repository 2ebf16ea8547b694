"""``jlabel train``, ``infer``, ``score`` and ``next``: the jobs of a notebook, without one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jlabel.cli import following
from jlabel.jobs import Job
from tests.apps.app_file.conftest import Write
from tests.cli.conftest import Jlabel
from tests.cli.studies import make_studies

BRIGHT = "bright: {_target_: tests.cli.bright.Bright, labels: '@labels', low: 50}"


@pytest.fixture
def studies(tmp_path: Path, own_locks: Path) -> Path:
    return make_studies(tmp_path / "studies")


@pytest.fixture
def counting(write: Write) -> Path:
    return write(f"labels: [liver]\ninfers: {{{BRIGHT}}}\ntrainers: {{count: {{_target_: tests.cli.bright.Count}}}}")


@pytest.fixture
def endless(write: Write) -> Path:
    return write("labels: [liver]\ntrainers: {count: {_target_: tests.cli.bright.Count, steps: 100000}}")


@pytest.mark.timeout(900)
def test_a_training_is_waited_for(jlabel: Jlabel, studies: Path, counting: Path) -> None:
    code, out, _ = jlabel("train", studies, "--app", counting, "--option", "asked", "[1,2]", "--json")
    read = json.loads(out)
    assert (code, read["kind"], read["name"], read["state"]) == (0, "train", "count", "done")
    assert read["result"] == {"images": 2, "asked": [1, 2]}


@pytest.mark.timeout(900)
def test_first_masks(jlabel: Jlabel, studies: Path, counting: Path) -> None:
    code, out, err = jlabel("infer", studies, "bright", "--app", counting)
    assert (code, out, err) == (0, "infer bright: done. 2 images were done.\n", "")
    assert (studies / "labels" / "original" / "case_2.nii.gz").is_file()
    assert jlabel("infer", studies, "bright", "--app", counting, "--images", "case_0, case_1", "--tag", "mine")[0] == 0
    assert (studies / "labels" / "mine" / "case_1.nii.gz").is_file()


@pytest.mark.timeout(900)
def test_a_job_that_fails_is_code_1(jlabel: Jlabel, studies: Path, write: Write) -> None:
    app = write(f"labels: [liver]\ninfers: {{{BRIGHT.replace('low: 50', 'fails: true')}}}")
    code, out, err = jlabel("infer", studies, "bright", "--app", app)
    assert (code, out.splitlines()[0]) == (1, "infer bright: failed.")
    assert "no light" in err


@pytest.mark.timeout(900)
def test_a_detached_job_goes_on_and_is_found_again(jlabel: Jlabel, studies: Path, endless: Path) -> None:
    code, out, _ = jlabel("train", studies, "--app", endless, "--detach")
    assert code == 0
    assert out.startswith("train count goes on as ")
    (listed,) = json.loads(jlabel("jobs", studies, "--json")[1])
    assert listed["state"] in ("queued", "running")
    assert listed["id"] in out
    assert jlabel("jobs", studies, "--cancel", "last") == (0, "train count: cancelled\n", "")
    assert "cancelled" in jlabel("jobs", studies)[1]
    assert "1 cancelled" in jlabel("status", studies)[1]


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("answer", "code", "states"), [("c", 1, ["cancelled"]), ("l", 0, ["queued", "running"])])
def test_ctrl_c_asks(
    answer: str,
    code: int,
    states: list[str],
    jlabel: Jlabel,
    studies: Path,
    endless: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    presses, wait = [1], Job.wait

    def pressed(job: Job, timeout: float | None = None, progress: bool | None = None) -> bool:
        if presses:
            presses.pop()
            raise KeyboardInterrupt
        return wait(job, timeout, progress)

    with monkeypatch.context() as patched:
        patched.setattr(Job, "wait", pressed)
        patched.setattr(following, "_asked", lambda can_leave: answer)
        ended, out, _ = jlabel("train", studies, "--app", endless, "--json")
    assert ended == code
    assert json.loads(out)["state"] in states
    jlabel("jobs", studies, "--cancel", "last")


def test_ctrl_c_cancels_where_nobody_can_answer() -> None:
    assert following._asked() == "c"


@pytest.mark.timeout(900)
def test_scores_of_images(jlabel: Jlabel, studies: Path) -> None:
    code, out, _ = jlabel("score", studies, "appearance", "--labels", "liver", "--images", "all", "--json")
    assert (code, json.loads(out)["state"]) == (0, "done")


def test_the_next_image_and_why(jlabel: Jlabel, studies: Path, counting: Path) -> None:
    code, out, _ = jlabel("next", studies, "--app", counting, "--strategy", "first", "-k", 3, "--json")
    assert code == 0
    assert [one["image"] for one in json.loads(out)] == ["case_2", "case_3"]
    assert "case_2" in jlabel("next", studies, "--app", counting, "--strategy", "first")[1]


def test_when_all_are_labelled_it_says_so(jlabel: Jlabel, tmp_path: Path, counting: Path) -> None:
    studies = make_studies(tmp_path / "done", cases=1, labelled=1)
    assert jlabel("next", studies, "--app", counting) == (0, "All images are labelled\n", "")


def test_labels_are_those_that_people_have_worked_with(jlabel: Jlabel, studies: Path) -> None:
    code, _, err = jlabel("next", studies)
    assert (code, err) == (
        1,
        "jlabel: nobody has named the labels of these studies: --labels liver,spleen does\n",
    )
    import jlabel as package

    manager = package.AppManager(package.RadiologyApp(studies, {"liver": 3}), device="cpu")
    manager.save_label("case_2", manager.image("case_2").array > 50)
    manager.close()
    assert jlabel("next", studies, "--strategy", "first")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["train", "nothing", "--app", "APP"], 1, "no train task 'nothing'; the app has count"),
        (["infer", "nothing", "--app", "APP"], 1, "no model 'nothing'; the app has bright"),
        (["score", "nothing", "--app", "APP"], 1, "no scoring method 'nothing'"),
        (["next", "--strategy", "nothing", "--app", "APP"], 1, "no strategy 'nothing'"),
        (
            ["train", "--app", "nothing"],
            1,
            "there is no app 'nothing': name a folder, an app file, or one of radiology",
        ),
        (["train", "--option", "asked"], 2, "--option takes a key and a value, as in --option asked VALUE"),
        (["train", "--option", "threads", "2"], 2, "--option threads: the command has an option of its own for it"),
        (["train", "--threads", "0"], 2, "Invalid value for '--threads'"),
        (["train", "--max-epochs", "0"], 2, "Invalid value for '--max-epochs'"),
        (["next", "--labels", "liver=1,spleen"], 2, "give a value to each label"),
        (["next", "--labels", "liver=one"], 2, "the value of a label is a whole number, not 'one'"),
    ],
)
def test_what_is_not_there_is_told(
    arguments: list[str], code: int, said: str, jlabel: Jlabel, studies: Path, counting: Path
) -> None:
    command, *rest = [str(counting) if one == "APP" else one for one in arguments]
    ended, out, err = jlabel(command, studies, *rest)
    assert (ended, out) == (code, "")
    assert said in err
    assert err.count("\n") == 1


def test_an_app_of_ones_own_that_is_a_folder(jlabel: Jlabel, studies: Path, tmp_path: Path) -> None:
    folder = tmp_path / "myapp"
    assert jlabel("apps", "--name", "radiology", "--output", folder)[0] == 0
    typed = ("next", studies, "--app", folder, "--strategy", "in order", "--json")
    assert "nobody has named the labels of these studies" in jlabel(*typed)[2]
    code, out, _ = jlabel(*typed, "--labels", "liver")
    assert (code, [one["image"] for one in json.loads(out)]) == (0, ["case_2"])
    wrong = jlabel(*typed, "--labels", "liver", "--conf", "models", "nothing")
    assert (wrong[0], "models: there is no 'nothing'" in wrong[2]) == (1, True)
