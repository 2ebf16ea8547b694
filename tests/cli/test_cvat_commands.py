"""Active learning with CVAT from a shell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import jlabel as package
from tests.active_learning.conftest import annotate, spot_of
from tests.active_learning.conftest import server as server
from tests.active_learning.conftest import studies as studies
from tests.cli.conftest import Jlabel
from tests.cvat.annotators import Annotators
from tests.cvat.server import ContractServer

APP = ("--labels", "polyp,tool", "--strategy", "first")


@pytest.fixture(autouse=True)
def login(server: ContractServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The login that the environment names."""
    monkeypatch.setenv("JLABEL_CVAT_URL", server.url)
    monkeypatch.setenv("JLABEL_CVAT_USERNAME", "ann")
    monkeypatch.setenv("JLABEL_CVAT_PASSWORD", "ann-pass")


@pytest.fixture
def annotator(server: ContractServer) -> Iterator[None]:
    """Somebody who draws in whatever task there is."""
    with Annotators(server, spot_of):
        yield


def test_a_round_goes_out_and_comes_back_step_by_step(jlabel: Jlabel, studies: Path, server: ContractServer) -> None:
    code, out, _ = jlabel("cvat", "send", studies, *APP, "--top-k", "2", "--json")
    sent = json.loads(out)
    assert (code, sent["round"], sent["images"]) == (0, 1, ["picture_00", "picture_01"])
    annotate(server, sent["tasks"][0])
    code, out, _ = jlabel("cvat", "pull", studies, "--labels", "polyp,tool", "--json")
    assert (code, json.loads(out)["saved"]) == (0, ["picture_00", "picture_01"])
    code, out, _ = jlabel("cvat", "status", studies, "--labels", "polyp,tool", "--json")
    status = json.loads(out)
    assert (code, status["labelled"], status["round"], status["tasks"][0]["state"]) == (0, 2, 1, "done")
    code, out, _ = jlabel("cvat", "status", studies, "--labels", "polyp,tool")
    assert code == 0
    assert f"{server.url}/tasks/" in out


def test_the_loop_goes_on_until_all_is_labelled(
    jlabel: Jlabel, studies: Path, server: ContractServer, annotator: None
) -> None:
    code, out, err = jlabel("cvat", "loop", studies, *APP, "--top-k", "7", "--train", "none", "--poll", "0.1")
    assert (code, err) == (0, "")
    assert out.rstrip().splitlines()[0].startswith("out ") or "out" in out
    assert "all is done" in out
    assert package.LocalDatastore(studies).count_labeled() == 12


def test_the_command_of_monai_label_with_its_settings(
    jlabel: Jlabel, studies: Path, server: ContractServer, annotator: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("URL", server.url), ("USERNAME", "bob"), ("PASSWORD", "bob-pass")):
        monkeypatch.delenv(f"JLABEL_CVAT_{name}")
        monkeypatch.setenv(f"MONAI_LABEL_DATASTORE_{name}", value)
    monkeypatch.setenv("MONAI_LABEL_DATASTORE", "cvat")
    conf = {
        "epistemic_enabled": "false",
        "epistemic_top_k": "6",
        "auto_finetune_models": "none",
        "auto_finetune_check_interval": "1",
        "cvat_project": "polyps",
        "cvat_segment_size": "3",
    }
    settings = [word for pair in conf.items() for word in ("--conf", *pair)]
    code, _, err = jlabel("start_server", "--app", "radiology", "--studies", studies, "--labels", "polyp", *settings)
    assert (code, err) == (0, "jlabel: no server is started; this is 'jlabel cvat loop'\n")
    assert [len(task.frames) for task in server.tasks.values()] == [6, 6]
    assert [project.name for project in server.projects.values()] == ["polyps"]
    assert len(server.jobs_of(min(server.tasks))) == 2


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["send", "--strategy", "nothing"], 1, "no strategy 'nothing'; the app has"),
        (["loop", "--train", "nothing"], 1, "no train task 'nothing'"),
        (["send", "--url", "ftp://here"], 1, "begins with http:// or https://"),
        (["loop", "--top-k", "0"], 2, "Invalid value for '--top-k'"),
        (["loop", "--conf", "epistemic_top_k", "many"], 2, "--conf epistemic_top_k: a whole number, not 'many'"),
        (["loop", "--conf", "epistemic_enabled", "perhaps"], 2, "--conf epistemic_enabled: true or false"),
    ],
)
def test_what_makes_no_sense_is_told(arguments: list[str], code: int, said: str, jlabel: Jlabel, studies: Path) -> None:
    command, *rest = arguments
    found, _, err = jlabel("cvat", command, studies, "--labels", "polyp", *rest)
    assert found == code
    assert said in err


def test_a_server_that_lets_nobody_in_is_told_without_the_password(
    jlabel: Jlabel, studies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JLABEL_CVAT_PASSWORD", "s3cret")
    code, _, err = jlabel("cvat", "send", studies, *APP)
    assert code == 1
    assert "CVAT does not let ann in" in err
    assert "s3cret" not in err
