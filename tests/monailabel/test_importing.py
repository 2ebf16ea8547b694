"""The names of MONAI Label: what they are here, and what is refused by name."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

import jlabel
from jlabel.monailabel.names import NAMES, REFUSED


@pytest.mark.parametrize("module", sorted(NAMES))
def test_every_name_of_the_table_is_there(module: str, names: None) -> None:
    found = importlib.import_module(module)
    assert [name for name in NAMES[module] if not callable(getattr(found, name)) and name != "settings"] == []
    assert set(NAMES[module]) <= set(dir(found))


@pytest.mark.parametrize("module", sorted(REFUSED))
def test_what_cannot_be_done_is_imported_and_refuses_to_be_made(module: str, names: None) -> None:
    for name, instead in REFUSED[module].items():
        cls = getattr(importlib.import_module(module), name)
        assert not isinstance(jlabel, cls)
        with pytest.raises(jlabel.TaskError, match=f"no {module}.{name}: ") as caught:
            cls(3, path="somewhere")
        assert str(caught.value).endswith(instead)


def test_authors_get_jlabels_classes(names: None) -> None:
    program: dict[str, object] = {}
    exec(
        "import monailabel\n"
        "from monailabel.interfaces import Datastore, MONAILabelApp\n"
        "from monailabel.interfaces.tasks import InferTask, Strategy\n"
        "from monailabel.utils.train.basic_train import BasicTrainTask, Context\n",
        program,
    )
    assert program["InferTask"] is jlabel.InferTask
    assert program["BasicTrainTask"] is jlabel.BasicTrainTask
    assert program["MONAILabelApp"] is jlabel.MONAILabelApp
    assert importlib.import_module("monailabel").__version__ == jlabel.__version__


def test_a_name_or_module_that_is_not_there_is_told(names: None) -> None:
    with pytest.raises(ImportError, match=r"does not offer 'Best' as monailabel\.transform\.post\.Best; it has Bound"):
        exec("from monailabel.transform.post import Best")
    with pytest.raises(ModuleNotFoundError, match=r"does not offer the module monailabel\.endpoints"):
        importlib.import_module("monailabel.endpoints")


def test_nothing_is_offered_before_it_is_asked_for() -> None:
    program = "import jlabel, sys; jlabel.LabelApp; sys.exit('jlabel.monailabel' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_monai_label_itself_is_not_replaced_once_it_is_imported(names: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "monailabel", sys)
    with pytest.raises(jlabel.ConfigError, match="in a new kernel"):
        importlib.import_module("jlabel.monailabel.importing").install()
