"""Two people with a server each on one JupyterHub, and one studies folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jlabel.datastores import LocalDatastore
from tests.hub.hub import Hub, running_hub

OPEN = """
import jlabel, numpy as np
manager = jlabel.AppManager(jlabel.RadiologyApp({studies!r}, labels=["organ"]), device="cpu")
"""
SAVE = "print(manager.save_label(image_id, np.ones(manager.image(image_id).shape, np.uint8)))"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with running_hub(tmp_path_factory.mktemp("hub")) as running:
        yield running


def test_two_users_label_one_folder_under_their_own_names(hub: Hub, studies: Path) -> None:
    ada, ben = hub.server("ada"), hub.server("ben")
    for kernel in (ada, ben):
        kernel.run(OPEN.format(studies=str(studies)))
    drawn = [kernel.run("image_id = manager.next_image('first'); print(image_id)") for kernel in (ada, ben)]
    assert drawn == ["case_0", "case_1"]
    assert [kernel.run(SAVE) for kernel in (ada, ben)] == drawn
    assert ada.run("print(manager.next_image('first'))") == "case_2"  # case_0 is given back
    assert ben.run("print(manager.next_image('review'))") == "case_0"  # what somebody else has labelled
    ben.run("manager.send_back('case_0', 'the upper part is missing')")
    hub.stop_server("ada")
    again = hub.server("ada")
    again.run(OPEN.format(studies=str(studies)))
    assert again.run("print([one.image_id for one in manager.sent_back(for_me=True)])") == "['case_0']"
    store = LocalDatastore(studies)
    assert [store.label_history(image_id)[0].author for image_id in drawn] == ["ada", "ben"]
    store.close()
