"""Whether effort is logged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jlabel.datastores import LocalDatastore
from jlabel.effort.switch import EffortSwitch


def test_it_is_kept_with_the_studies_and_seen_elsewhere(tmp_path: Path) -> None:
    datastore = LocalDatastore(tmp_path)
    here, elsewhere = EffortSwitch(datastore), EffortSwitch(datastore)
    assert here.on
    here.turn(False)
    assert elsewhere.look()
    assert not elsewhere.on
    assert not EffortSwitch(datastore).on
    elsewhere.turn(True)
    assert here.look()
    assert (here.on, here.look()) == (True, False)
    datastore.close()


@pytest.mark.parametrize("kept", [{}, {"on": 0}, {"on": "no"}, {"other": False}, None])
def test_what_means_nothing_switches_nothing_off(tmp_path: Path, kept: Any) -> None:
    datastore = LocalDatastore(tmp_path)
    datastore.change_setting("log_effort", lambda _: kept)
    assert EffortSwitch(datastore).on
    datastore.close()
