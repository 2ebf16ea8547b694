# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

from jlabel.labeler.features import thumbnails as thumbnails_module
from tests.widget.labeler_pages import labeler, manager, page, studies  # noqa: F401 - fixtures


def want(page, *images):
    page.ask("thumbnails", client="page", images=list(images))


def pictures(page):
    return {content["image"]: buffers for content, buffers in page.heard if content["type"] == "thumbnail"}


def test_every_image_on_the_screen_gets_one(labeler, page, studies):
    want(page, "case_0", "case_1")
    page.wait(lambda: len(pictures(page)) == 2)
    assert all(data.startswith(b"\xff\xd8") for [data] in pictures(page).values())
    assert len(list((studies / ".jlabel" / "thumbnails").iterdir())) == 2


def test_it_is_made_once_and_again_when_the_label_is_another(labeler, page, monkeypatch):
    made = []
    real = thumbnails_module.thumbnail
    monkeypatch.setattr(thumbnails_module, "thumbnail", lambda *args: made.append(1) or real(*args))
    for times in (1, 2):
        want(page, "case_0")
        page.wait(lambda times=times: len(page.told("thumbnail")) == times)
    assert made == [1]
    page.stroke((0, 0, 0), (12, 10, 8), 1)
    labeler.save()
    before = pictures(page)["case_0"]
    want(page, "case_0")
    page.wait(lambda: len(page.told("thumbnail")) == 3)
    assert pictures(page)["case_0"] != before


def test_what_has_scrolled_away_is_not_made_and_opening_comes_first(labeler, page):
    with labeler._controller.tasks.running("Opening"):
        want(page, "case_0", "case_1")
        want(page, "case_2")
    page.wait(lambda: pictures(page) != {})
    want(page)
    assert list(pictures(page)) == ["case_2"]


def test_an_image_without_a_picture_says_why(labeler, page, studies, monkeypatch):
    (studies / "case_1.nii.gz").write_bytes(b"damaged")
    want(page, "case_1", "nothing")
    page.wait(lambda: len(page.told("thumbnail")) == 2)
    assert "damaged" in page.told("thumbnail")[0]["problem"] or "NIfTI" in page.told("thumbnail")[0]["problem"]
    assert "no image 'nothing'" in page.told("thumbnail")[1]["problem"]
    monkeypatch.setattr(thumbnails_module, "_LARGEST_FILE", 10)
    want(page, "case_2")
    page.wait(lambda: len(page.told("thumbnail")) == 3)
    assert "too large" in page.told("thumbnail")[2]["problem"]
    assert page.told("error") == []
