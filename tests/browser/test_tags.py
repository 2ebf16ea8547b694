"""Tags of whole images, as a person gives and accepts them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from tests.browser.axe import load_axe, violations
from tests.browser.labeler import LabelerPage
from tests.browser.notebook import Notebook

Open = Callable[[Sequence[str]], Notebook]

APP = """
import numpy as np
import jlabel
from jlabel.imaging.region import Region

class View(jlabel.InferTask):
    classification = jlabel.Classification("view", ["in body", "<b>out</b>"])
    def pre_transforms(self, data):
        return []
    inferer = post_transforms = pre_transforms
    def __call__(self, request, callbacks=None):
        shape = request.image.shape
        return jlabel.InferResult(
            Region.whole(shape), np.zeros(shape, np.uint8), shape, {}, version=2,
            tags={"view": {"in body": 0.125, "<b>out</b>": 0.875}}, info={"place": "<img src=x onerror=alert(1)>"},
        )

class App(jlabel.LabelApp):
    def init_infers(self):
        return {"view": View(type="classification")}

found = jlabel.Classification("found", ["polyp", "ulcer", "blood"], several=True)
manager = jlabel.AppManager(App(FOLDER, ["polyp"], tags=[found]), device="cpu")
labeler = manager.labeler("a", strategy="first")
labeler
"""


def test_a_person_accepts_what_a_model_proposes_and_finds_the_images_with_a_tag(
    notebook: Open, tmp_path: Path, page_errors: list[str]
) -> None:
    for name in "abc":
        Image.fromarray(np.full((20, 30, 3), 90, np.uint8)).save(tmp_path / f"{name}.png")
    opened = notebook([APP.replace("FOLDER", repr(str(tmp_path)))])
    opened.run(0)
    labeler = LabelerPage(opened)
    labeler.wait_for_image("a")
    root, keyboard = labeler.root, labeler.page.keyboard

    root.locator('[data-action="ask-view"]').click()
    root.locator(".jl-tag-by").wait_for()
    assert root.locator(".jl-tag-by").inner_text() == "<b>out</b> 88 %, view version 2"
    root.locator(".jl-result summary").click()
    assert root.locator(".jl-result dd").inner_text() == "<img src=x onerror=alert(1)>"
    load_axe(labeler.page)
    assert violations(labeler.page) == []

    root.focus()
    keyboard.press("Shift+G")
    chosen = "manager.image_tags('a')['view'].by_person and manager.image_tags('a')['view'].value"
    opened.kernel.wait_for(f"{chosen} == '<b>out</b>'")
    root.locator('[data-option="in body"]').click()
    opened.kernel.wait_for(f"{chosen} == 'in body'")

    root.locator('input[data-option="polyp"]').focus()
    keyboard.press("Space")
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.press("Space")
    opened.kernel.wait_for("manager.image_tags('a')['found'].values == ('polyp', 'blood')")
    keyboard.press("Space")
    opened.kernel.wait_for("manager.image_tags('a')['found'].values == ('polyp',)")

    root.focus()
    keyboard.press("j")
    root.locator('[data-choose="image-tag-filter"]').select_option(label="in body")
    root.locator(".jl-gallery-head .jl-count", has_text="1 image").wait_for()
    assert root.locator('[data-image="a"] [data-tag="view"]').inner_text() == "in body"
    assert page_errors == []
