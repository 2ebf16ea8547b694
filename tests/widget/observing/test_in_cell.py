"""In a notebook, what a callback prints and its errors appear in the cell that registered it."""

from __future__ import annotations

import time
from pathlib import Path
from queue import Empty
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from jupyter_client.manager import start_new_kernel

MAKE = """
import jlabel
manager = jlabel.AppManager(jlabel.RadiologyApp(studies={studies!r}, labels=["organ", "other"]), device="cpu")
labeler = manager.labeler("case")
"""
REGISTER = """
@labeler.on("saved")
def note(event):
    print(f"heard {event.image_id} {event.version}")
    raise KeyError("in a callback")

def look(change):
    print(f"label is {change.new}")
    raise ValueError("in an observer")

labeler.observe(look, "label")
"""
ACT = """
labeler.save()
labeler.label = "other"
labeler._worker.flush()
print("goes on")
"""


def outputs_by_cell(cells: list[str], expected: set[str]) -> list[str]:
    """Run cells in a kernel; what each cell shows, until all of this was shown somewhere.

    One print may come in several messages, and what two threads print in between each other.
    """
    manager, client = start_new_kernel()
    try:
        ids, shown = [], dict[str, str]()
        for cell in cells:
            ids.append(client.execute(cell))
            client.get_shell_msg(timeout=120)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if all(any(one in said for said in shown.values()) for one in expected):
                break
            try:
                message: Any = client.get_iopub_msg(timeout=1)
            except Empty:
                continue
            content, parent = message["content"], message["parent_header"].get("msg_id", "")
            said = {"stream": content.get("text"), "error": content.get("evalue")}.get(message["msg_type"])
            if said:
                shown[parent] = shown.get(parent, "") + said
        return [shown.get(one, "") for one in ids]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    folder = tmp_path / "studies"
    folder.mkdir()
    nib.save(nib.Nifti1Image(np.full((8, 7, 6), 90, np.int16), np.eye(4)), folder / "case.nii.gz")
    return folder


def test_callbacks_show_what_they_print_and_their_errors_where_they_were_registered(studies: Path) -> None:
    expected = {"heard case 1", "label is other", "in a callback", "in an observer", "goes on"}
    made, registered, acted = outputs_by_cell([MAKE.format(studies=str(studies)), REGISTER, ACT], expected)
    assert made == ""
    assert acted == "goes on\n"
    assert all(one in registered for one in expected - {"goes on"})
