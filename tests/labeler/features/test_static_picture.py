"""What a notebook shows of the labeler where no kernel runs."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import nbformat
import nibabel as nib
import numpy as np
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from PIL import Image

from jlabel import AppManager, JlabelError, LabelApp
from jlabel.imaging import Region
from jlabel.imaging.rendering.montage import MOST_BYTES
from jlabel.widget import labeler as labeler_module

SHAPE = (24, 20, 16)
PNG = 'src="data:image/png;base64,'
CELL = """
import jlabel
manager = jlabel.AppManager(jlabel.RadiologyApp(studies={studies!r}, labels=["organ"]))
manager.labeler("case")
"""


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    """A gray volume with a saved label in a corner, away from the middle slices."""
    folder = tmp_path / "studies"
    folder.mkdir()
    nib.save(nib.Nifti1Image(np.full(SHAPE, 90, np.int16), np.eye(4)), folder / "case.nii.gz")
    mask = np.zeros(SHAPE, np.uint8)
    mask[2:9, 2:9, 2:6] = 1
    manager = AppManager(LabelApp(folder, labels=["organ"]))
    manager.save_label("case", mask)
    manager.close()
    return folder


@pytest.fixture
def labeler(studies: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(labeler_module, "front_end", lambda: ("export default {}", ""))
    manager = AppManager(LabelApp(studies, labels=["organ"]))
    labeler = manager.labeler("case")
    yield labeler
    labeler.close()
    manager.close()


def orange(picture: Image.Image) -> int:
    """How many pixels have the label's colour over gray."""
    pixels = np.asarray(picture.convert("RGB"), int)
    return int((pixels[..., 0] - pixels[..., 2] > 60).sum())


@pytest.mark.usefixtures("loaded_kernels")
def test_an_executed_notebook_becomes_a_page_with_a_picture(studies: Path, tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL.format(studies=str(studies)))])
    NotebookClient(
        notebook, timeout=120, startup_timeout=300, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    page, _ = HTMLExporter().from_notebook_node(notebook)
    start = page.index(PNG) + len(PNG)
    data = base64.b64decode(page[start : page.index('"', start)])
    assert len(data) <= MOST_BYTES
    assert orange(Image.open(io.BytesIO(data))) > 1000
    # Live pages show the widget, and hide the picture's output.
    views = [output["data"]["application/vnd.jupyter.widget-view+json"] for output in notebook.cells[0].outputs]
    assert [bool(view["model_id"]) for view in views] == [True, False]


INSIDE = {
    "a box": "import ipywidgets\nipywidgets.VBox([labeler])",
    "a displayed box": "import ipywidgets\ndisplay(ipywidgets.VBox([ipywidgets.HBox([labeler])]))\n1",
    "a tab": "import ipywidgets\nipywidgets.Tab([ipywidgets.Label('a'), labeler])",
    "an output": "import ipywidgets\nout = ipywidgets.Output()\nwith out:\n    display(labeler)\nout",
    "an earlier output": "import ipywidgets\nout = ipywidgets.Output()\ndisplay(out)\nwith out: display(labeler)",
    "a box and itself": "import ipywidgets\ndisplay(ipywidgets.VBox([labeler]))\nlabeler",
    "two boxes": "import ipywidgets\ndisplay(ipywidgets.VBox([labeler]))\nipywidgets.HBox([labeler])",
}


@pytest.mark.usefixtures("loaded_kernels")
@pytest.mark.parametrize("how", INSIDE.values(), ids=INSIDE.keys())
def test_inside_another_widget_the_picture_is_there_once(studies: Path, tmp_path: Path, how: str) -> None:
    make = CELL.format(studies=str(studies)).replace("manager.labeler", "labeler = manager.labeler")
    cells = [nbformat.v4.new_code_cell(cell) for cell in (make, how, "1 + 1")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(
        notebook, timeout=120, startup_timeout=300, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    del notebook.metadata["widgets"]
    pictures = [sum("image/png" in output.get("data", {}) for output in cell.outputs) for cell in notebook.cells]
    assert pictures == [0, 1, 0]
    page, _ = HTMLExporter().from_notebook_node(notebook)
    assert page.count(PNG) == 1


@pytest.mark.usefixtures("loaded_kernels")
def test_a_cell_that_runs_again_has_the_picture_again(studies: Path, tmp_path: Path) -> None:
    make = CELL.format(studies=str(studies)).replace("manager.labeler", "labeler = manager.labeler")
    box = "import ipywidgets\nipywidgets.VBox([labeler])"
    cells = [nbformat.v4.new_code_cell(cell) for cell in (make, box, "labeler.save();")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    client = NotebookClient(notebook, timeout=120, startup_timeout=300, resources={"metadata": {"path": str(tmp_path)}})
    with client.setup_kernel():
        for place in (0, 1, 2, 1):
            # The client would look for the outputs that the cell had at its last run.
            client._display_id_map.clear()
            client.execute_cell(notebook.cells[place], place)
    pictures = [sum("image/png" in output.get("data", {}) for output in cell.outputs) for cell in notebook.cells]
    assert pictures == [0, 1, 0]


@pytest.mark.usefixtures("loaded_kernels")
def test_without_the_widgets_state_the_picture_is_there_once(studies: Path, tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL.format(studies=str(studies)))])
    NotebookClient(
        notebook, timeout=120, startup_timeout=300, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    del notebook.metadata["widgets"]
    page, _ = HTMLExporter().from_notebook_node(notebook)
    assert page.count(PNG) == 1
    assert "Labeler: case (1 of 1 labelled)" in page


def test_the_picture_shows_what_the_person_sees(labeler) -> None:
    first = orange(labeler.picture())
    assert first > 1000
    look: dict[str, Any] = {"cursor": [20, 18, 14], "window": [0, 100], "hidden": [], "opacity": 0.5}
    labeler._on_message(labeler, {"type": "viewport", "epoch": 99, **look}, [])
    assert orange(labeler.picture()) == first
    labeler._on_message(labeler, {"type": "viewport", "epoch": 1, **look}, [])
    assert orange(labeler.picture()) == 0
    labeler._on_message(labeler, {"type": "viewport", "epoch": 1, **look, "cursor": [5, 5, 4]}, [])
    assert orange(labeler.picture()) > 1000
    labeler._on_message(labeler, {"type": "viewport", "epoch": 1, **look, "cursor": [5, 5, 4], "hidden": [1]}, [])
    assert orange(labeler.picture()) == 0


def test_it_is_drawn_again_when_a_label_is_saved(labeler, monkeypatch: pytest.MonkeyPatch) -> None:
    published: list[tuple[dict[str, Any], dict[str, Any]]] = []

    class Publisher:
        def publish(self, data: dict[str, Any], metadata: dict[str, Any], **options: Any) -> None:
            published.append((data, options))

    class Shell:
        display_pub = Publisher()

    monkeypatch.setattr("jlabel.labeler.features.static_picture.InteractiveShell.instance", lambda: Shell())
    labeler.save()
    labeler._controller.features.static_picture._worker.flush()
    assert published == []
    labeler._ipython_display_()
    region = Region((0, 0, 0), SHAPE)
    with labeler._controller.lock:
        labeler._controller.features.painting.paint(region, np.ones(SHAPE, bool), 1)
    labeler.save()
    labeler._controller.features.static_picture._worker.flush()
    assert [options.get("update", False) for _, options in published] == [False, False, True]
    _, (before, shown), (after, renewed) = published
    assert renewed["transient"] == shown["transient"]
    sizes = [orange(Image.open(io.BytesIO(base64.b64decode(data["image/png"])))) for data in (before, after)]
    assert sizes[1] > 2 * sizes[0]


def test_without_an_image_there_is_no_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labeler_module, "front_end", lambda: ("export default {}", ""))
    manager = AppManager(LabelApp(tmp_path, labels=["organ"]))
    labeler = manager.labeler()
    assert repr(labeler) == "Labeler: no image (0 of 0 labelled)"
    assert "image/png" not in labeler._controller.features.static_picture._bundle()
    with pytest.raises(JlabelError, match="no image is open"):
        labeler.picture()
    labeler.close()
    manager.close()
