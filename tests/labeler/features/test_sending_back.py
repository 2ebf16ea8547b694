# ruff: noqa: F811 - pytest finds fixtures by their names
"""An image is sent back to who annotated it elsewhere, as a page asks for it while a label is compared."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import pytest

from jlabel.errors import CvatError, JlabelError
from jlabel.progress import NO_PROGRESS, Progress
from tests.widget.labeler_pages import SHAPE, Page, labeler, manager, page, studies  # noqa: F401 - fixtures


class Elsewhere:
    """Stands for a server on which bob has annotated the first image."""

    def __init__(self) -> None:
        self.origins = {"case_0": "CVAT, by bob"}
        self.who = "bob"
        self.sent_back: list[tuple[str, str, tuple[int, ...]]] = []
        self.threads: list[str] = []
        self.gate = threading.Event()
        self.gate.set()
        self.error: Exception | None = None

    def sent(self, image_id: str) -> str:
        return self.origins.get(image_id, "")

    def send_back_at(self, image_id: str, message: str, index: Sequence[int], progress: Progress = NO_PROGRESS) -> str:
        self.threads.append(threading.current_thread().name)
        assert self.gate.wait(10)
        progress.check()
        if self.error is not None:
            raise self.error
        self.sent_back.append((image_id, message, tuple(index)))
        return self.who


@pytest.fixture
def elsewhere(manager) -> Elsewhere:
    for name in ("case_0", "case_1"):
        manager.save_label(name, np.ones(SHAPE, np.uint8))
    manager.annotation_server = Elsewhere()
    return manager.annotation_server


@pytest.fixture
def compared(elsewhere, labeler, page) -> Page:
    """A page that compares the image that bob has annotated."""
    labeler.open("case_0", discard=True)
    labeler.versions.compare("final")
    return page


def send_back(page, message, position=(3, 4, 5), **more):
    page.ask("send_back", **{"epoch": page.state()["epoch"], "message": message, "position": list(position), **more})


def done(page):
    page.labeler._controller.features.sending_back._worker.flush()


def test_an_image_that_was_compared_says_whether_it_can_be_sent_back(elsewhere, labeler, page) -> None:
    labeler.open("case_0", discard=True)
    assert page.state()["sendBack"] is None
    labeler.versions.compare("final")
    assert page.state()["sendBack"] == {"origin": "CVAT, by bob", "sending": False, "sent": 0}
    labeler.open("case_1")
    labeler.versions.compare("final")
    assert page.state()["sendBack"] is None


def test_a_comment_goes_out_off_the_thread_of_the_messages_and_is_told(compared, elsewhere) -> None:
    elsewhere.gate.clear()
    send_back(compared, "  the lower edge is missing ")
    compared.wait(lambda: compared.state()["busy"] == "Sending it back")
    assert compared.state()["sendBack"]["sending"]
    elsewhere.gate.set()
    done(compared)
    assert elsewhere.sent_back == [("case_0", "the lower edge is missing", (3, 4, 5))]
    assert elsewhere.threads == ["jlabel-sending-back"]
    assert compared.state()["sendBack"] == {"origin": "CVAT, by bob", "sending": False, "sent": 1}
    assert compared.state()["notice"] == "Sent back to bob"
    assert compared.told("error") == []


def test_nobody_is_named_where_nobody_has_the_job(compared, elsewhere) -> None:
    elsewhere.who = ""
    send_back(compared, "too large")
    done(compared)
    assert compared.state()["notice"] == "Sent back"


def test_a_server_that_is_away_is_said_and_nothing_counts_as_sent(compared, elsewhere) -> None:
    elsewhere.error = CvatError("http://cvat: the server cannot be reached")
    send_back(compared, "too large")
    done(compared)
    assert compared.state()["errors"] == ["http://cvat: the server cannot be reached"]
    assert compared.state()["sendBack"] == {"origin": "CVAT, by bob", "sending": False, "sent": 0}
    assert compared.state()["notice"] is None


def test_it_can_be_given_up(compared, elsewhere) -> None:
    elsewhere.gate.clear()
    send_back(compared, "too large")
    compared.wait(lambda: compared.state()["busy"] == "Sending it back")
    compared.ask("cancel")
    elsewhere.gate.set()
    done(compared)
    assert elsewhere.sent_back == []
    assert compared.state()["notice"] == "Sending it back was cancelled"


@pytest.mark.parametrize(
    ("message", "position", "words"),
    [
        ("  ", (3, 4, 5), "say what should be changed"),
        ("too large", (3, 4, 8), r"\(3, 4, 8\) is no voxel of case_0"),
        ("too large", (3, 4, -1), r"\(3, 4, -1\) is no voxel of case_0"),
    ],
)
def test_what_cannot_be_meant_is_not_sent(compared, elsewhere, message, position, words) -> None:
    with pytest.raises(JlabelError, match=words):
        compared.labeler.versions.send_back(message, position)
    send_back(compared, message, position)
    done(compared)
    assert len(compared.state()["errors"]) == 1
    assert elsewhere.sent_back == []


def test_a_comment_on_a_former_image_does_nothing(compared, elsewhere) -> None:
    epoch = compared.state()["epoch"]
    compared.labeler.open("case_1")
    send_back(compared, "too large", epoch=epoch)
    done(compared)
    assert elsewhere.sent_back == []
    assert compared.told("error") == []


def test_a_comment_that_is_on_its_way_is_about_the_image_that_was_left(compared, elsewhere) -> None:
    elsewhere.gate.clear()
    send_back(compared, "too large")
    compared.labeler.open("case_1")
    elsewhere.gate.set()
    done(compared)
    assert [image_id for image_id, _, _ in elsewhere.sent_back] == ["case_0"]
    assert compared.state()["sendBack"] is None


def test_python_sends_it_back_at_the_crosshair(compared, elsewhere) -> None:
    versions, middle = compared.labeler.versions, tuple(n // 2 for n in SHAPE)
    versions.send_back("in the middle, as it opens")
    seen = {"cursor": [1, 2, 3], "window": [0, 100], "hidden": [], "opacity": 0.5}
    compared.ask("viewport", epoch=compared.state()["epoch"], **seen)
    versions.send_back("where somebody looks")
    versions.send_back("there", (7, 6, 5))
    assert [place for _, _, place in elsewhere.sent_back] == [middle, (1, 2, 3), (7, 6, 5)]
    assert compared.state()["sendBack"]["sent"] == 3


def test_without_a_server_nobody_can_be_asked(labeler, page) -> None:
    with pytest.raises(JlabelError, match="nobody can be asked again"):
        labeler.versions.send_back("too large")


def test_somebody_who_works_on_it_again_is_seen_with_the_next_look_at_the_studies(compared, elsewhere) -> None:
    elsewhere.origins.clear()
    compared.labeler._controller.studies_changed()
    done(compared)
    assert compared.state()["sendBack"] is None
