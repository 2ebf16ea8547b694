"""The notebooks run from top to bottom, as a new user would run them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from jlabel.demo import example_studies
from tests.cvat.annotators import Annotators
from tests.cvat.server import ContractServer

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


# How many cases a notebook needs, and their voxel size in mm: what is trained on is tiny.
CASES = {
    **dict.fromkeys(("train_while_labeling.ipynb", "choose_what_to_label_next.ipynb", "monai_bundles.ipynb"), (8, 8.0)),
    "your_own_app.ipynb": (4, 8.0),
}
AS_A_PERSON_DOES = "your_own_app.ipynb"
WITH_CVAT = "active_learning_with_cvat.ipynb"
MAKE_THEIR_OWN = ("label_colour_pictures.ipynb", "label_nuclei.ipynb", WITH_CVAT)


@pytest.fixture
def studies(name: str, tmp_path: Path, own_locks: Path, loaded_template: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "studies"
    if name not in MAKE_THEIR_OWN:
        cases, spacing = CASES.get(name, (2, 4.0))
        example_studies(folder, cases=cases, spacing=spacing)
    for variable, value in (("STUDIES", str(folder)), ("SECONDS", "1")):
        monkeypatch.setenv(f"JLABEL_{variable}", value)
    return folder


@pytest.fixture
def kernels(name: str, request: pytest.FixtureRequest) -> None:
    """Kernels and jobs that begin with the libraries loaded; one notebook does without, as in a person's JupyterLab."""
    if name != AS_A_PERSON_DOES:
        request.getfixturevalue("loaded_kernels")


@pytest.fixture
def annotators(name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A CVAT server, and people in its page who finish whatever job there is."""
    if name != WITH_CVAT:
        yield
        return
    with ContractServer() as server:
        for variable, value in (("URL", server.url), ("USERNAME", "ann"), ("PASSWORD", "ann-pass"), ("WAIT", "600")):
            monkeypatch.setenv(f"JLABEL_CVAT_{variable}", value)
        with Annotators(server, _in_the_middle):
            yield


def _in_the_middle(name: str, shape: tuple[int, int]) -> np.ndarray:
    mask = np.zeros(shape, bool)
    mask[30:60, 40:80] = True
    return mask


# Those that train start several processes.
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("name", sorted(path.name for path in NOTEBOOKS.glob("*.ipynb")))
def test_a_notebook_runs_to_its_end(name: str, studies: Path, kernels: None, annotators: None) -> None:
    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    NotebookClient(
        notebook, timeout=900, startup_timeout=300, resources={"metadata": {"path": str(studies.parent)}}
    ).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert not [output for output in outputs if output["output_type"] == "error"]
    assert any("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in outputs)


def test_the_notebooks_are_kept_without_outputs() -> None:
    for path in NOTEBOOKS.glob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            assert not cell.get("outputs")
            assert cell.get("execution_count") is None
