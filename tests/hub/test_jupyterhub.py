"""Two people with a server each on one JupyterHub, and one studies folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub.hub import Hub, running_hub

OPEN = """
import jlabel, numpy as np
manager = jlabel.AppManager(jlabel.RadiologyApp({studies!r}, labels=["organ"]), device="cpu")
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with running_hub(tmp_path_factory.mktemp("hub")) as running:
        yield running


def test_two_users_label_one_folder_under_their_own_names(hub: Hub, studies: Path) -> None:
    ada, ben = hub.server("ada"), hub.server("ben")
    for kernel in (ada, ben):
        kernel.run(OPEN.format(studies=str(studies)))
    drawn = [kernel.run("image_id = manager.next_image('first'); print(image_id)") for kernel in (ada, ben)]
    assert len(set(drawn)) == 2
