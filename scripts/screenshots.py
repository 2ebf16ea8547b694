"""Make the pictures of the documentation, in light and dark: JupyterLab with the example studies, in a real browser.

    python scripts/screenshots.py            all of them, in about five minutes
    python scripts/screenshots.py compare    only these

They are written to docs/pictures as WebP; docs/labeler.png and docs/labeler-dark.png are the picture of the README.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts import find_browser, frontend  # noqa: E402
from tests.browser.conftest import SOFTWARE_3D_FLAGS  # noqa: E402
from tests.browser.labeler import LabelerPage  # noqa: E402
from tests.browser.notebook import Notebook, open_notebook, set_theme  # noqa: E402
from tests.browser.server import Lab, running_lab  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
MOST_BYTES = 200_000
APP = """\
import jlabel
from jlabel.demo import EXAMPLE_LABELS

app = jlabel.RadiologyApp(studies="studies", labels=EXAMPLE_LABELS)
manager = jlabel.AppManager(app)"""
SHOW = """\
labeler = manager.labeler("case_02")
labeler"""
_REFERENCE = """\
from jlabel.demo import example_reference
def reference(image_id):
    return jlabel.read_label(example_reference("studies", image_id), manager.image(image_id))
"""
_TRUTH = (
    _REFERENCE
    + """\
from scipy import ndimage
from jlabel.simulation import next_click
inside = reference("case_02") == 1
k = inside.shape[2] // 2
parts, count = ndimage.label(inside[:, :, k])
sizes = ndimage.sum_labels(parts > 0, parts, range(1, count + 1))
truth = parts == 1 + sizes.argmax()
def next_one():
    click = next_click(truth, labeler.mask[:, :, k] == 1)
    return None if click is None else {"position": [*map(int, click.position), k], "positive": click.positive}
"""
)


class Studio:
    """A JupyterLab and a browser; gives a fresh page for each picture."""

    def __init__(self, lab: Lab, new_page: Callable[[], Page]) -> None:
        self.lab = lab
        self._new_page = new_page
        self._count = 0

    @contextmanager
    def notebook(self, cells: Sequence[str], name: str = "label") -> Iterator[Notebook]:
        """A notebook with these cells; its kernel ends with it."""
        page = self._new_page()
        self._count += 1
        opened = open_notebook(self.lab, page, f"{name}-{self._count}", cells)
        page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
        yield opened
        opened.close()
        page.context.close()
        self.lab.end_kernels()


def in_both_themes(opened: Notebook, what: Callable[[], Locator | Page], name: str) -> None:
    """Take a picture in JupyterLab's light and dark theme."""
    for theme, end in (("JupyterLab Light", ""), ("JupyterLab Dark", "-dark")):
        set_theme(opened.page, theme)
        opened.page.mouse.move(2, 2)
        opened.page.wait_for_timeout(1500)
        keep(what().screenshot(), f"{name}{end}")


def keep(shot: bytes, name: str) -> None:
    """Write a picture, as small as it must be."""
    picture = Image.open(io.BytesIO(shot)).convert("RGB")
    if name.startswith("labeler"):
        file = ROOT / "docs" / f"{name}.png"
        picture.save(file, optimize=True)
    else:
        file = PICTURES / f"{name}.webp"
        picture.save(file, quality=82, method=6)
    size = file.stat().st_size
    if size > MOST_BYTES:
        sys.exit(f"{file} has {size} bytes, and may have {MOST_BYTES}")
    print(f"{file.relative_to(ROOT)}: {picture.width} x {picture.height}, {size // 1000} KB", flush=True)


def ready(opened: Notebook, cell: int = 1) -> LabelerPage:
    """The labeler in a cell, with its image."""
    labeler = LabelerPage(opened, cell)
    labeler.wait_for_image()
    labeler.wait_idle()
    return labeler


def labeler(studio: Studio) -> None:
    """The whole labeler, with labels in three planes and in 3D."""
    save = 'manager.save_label("case_02", reference("case_02"))\n'
    with studio.notebook([APP + "\n" + _REFERENCE, save + SHOW]) as nb:
        nb.run_all()
        page = ready(nb)
        page.root.focus()
        nb.page.keyboard.press("t")
        page.root.locator('.jl-pane3d[data-solid="ready"][data-left="0"]').wait_for()
        nb.page.wait_for_timeout(4000)
        nb.page.set_viewport_size({"width": 1200, "height": 900})
        in_both_themes(nb, lambda: page.root, "labeler")


def notebook(studio: Studio) -> None:
    """JupyterLab with the cells and the labeler."""
    with studio.notebook([APP, SHOW]) as nb:
        nb.run_all()
        ready(nb)
        nb.page.evaluate("() => document.querySelector('.jp-NotebookPanel .jp-WindowedPanel-outer')?.scrollTo(0, 0)")
        in_both_themes(nb, lambda: nb.page, "notebook")


def first_click(studio: Studio) -> None:
    """The mask of a part of the ventricles after a few clicks."""
    with studio.notebook([APP, SHOW]) as nb:
        nb.run_all()
        page = ready(nb)
        nb.kernel.run(_TRUTH, timeout=60)
        for _ in range(3):
            click = nb.kernel.eval("next_one()")
            if click is None:
                break
            page.tool("click-add" if click["positive"] else "click-remove")
            page.click("axial", click["position"])
            page.wait_idle()
        in_both_themes(nb, lambda: page.root, "first-click")


def compare(studio: Studio) -> None:
    """A person's label beside the model's."""
    first = 'manager.save_label("case_02", reference("case_02"), tag="original")'
    with studio.notebook([APP + "\n" + _REFERENCE + first, SHOW]) as nb:
        nb.run_all()
        page = ready(nb)
        nb.kernel.run('labeler.take_over("original"); labeler.edit("grow", "ventricles", radius=2.0)')
        nb.kernel.run('labeler.edit("shrink", "white matter", radius=1.5); labeler.compare("original")', timeout=60)
        page.root.locator(".jl-compare").wait_for()
        page.root.locator(".jl-compare").scroll_into_view_if_needed()
        in_both_themes(nb, lambda: page.root, "compare")


def images(studio: Studio) -> None:
    """The list of images."""
    first = "for number in (1, 3, 4):\n    image_id = f'case_{number:02d}'\n"
    first += "    manager.save_label(image_id, reference(image_id))\n"
    first += 'manager.save_label("case_05", reference("case_05"), tag="original")'
    app = APP.replace('"studies"', 'jlabel.LocalDatastore("studies", author="Ada")')
    with studio.notebook([app + "\n" + _REFERENCE + first, SHOW]) as nb:
        nb.run_all()
        page = ready(nb)
        page.root.focus()
        nb.page.keyboard.press("j")
        nb.page.wait_for_timeout(4000)
        in_both_themes(nb, lambda: page.root, "images")


def keys(studio: Studio) -> None:
    """The help, which lists and searches the keys."""
    with studio.notebook([APP, SHOW]) as nb:
        nb.run_all()
        page = ready(nb)
        page.root.focus()
        nb.page.keyboard.press("?")
        nb.page.wait_for_timeout(1000)
        in_both_themes(nb, lambda: page.root, "keys")


def choose_next(studio: Studio) -> None:
    """What each strategy does, and whether what it goes by is there."""
    first = "for number in (1, 3, 4):\n    image_id = f'case_{number:02d}'\n"
    first += "    manager.save_label(image_id, reference(image_id))"
    with studio.notebook([APP + "\n" + _REFERENCE + first, SHOW]) as nb:
        nb.run_all()
        page = ready(nb)
        section = page.root.get_by_role("region", name="Next image")
        section.locator("summary").click()
        section.locator('[data-strategy="typiclust"]').click()
        page.wait_idle()
        section.evaluate("(element) => element.scrollIntoView({ block: 'start' })")
        in_both_themes(nb, lambda: page.root, "choose-next")


def review(studio: Studio) -> None:
    """The review of finished labels: one that lacks a slice comes first."""
    first = "for number in range(1, 8):\n    image_id = f'case_{number:02d}'\n    mask = reference(image_id).copy()\n"
    first += "    mask[:, :, mask.shape[2] // 2] *= number != 5\n    manager.save_label(image_id, mask)"
    with studio.notebook([APP + "\n" + _REFERENCE + first, SHOW.replace("case_02", "case_08")]) as nb:
        nb.run_all()
        page = ready(nb)
        page.do("review")
        nb.kernel.wait_for("labeler.image_id", "case_05", timeout=120)
        page.wait_idle()
        in_both_themes(nb, lambda: page.root, "review")


def training(studio: Studio) -> None:
    """A training's panel in its cell, when it is done; on small images, so that it has many epochs."""
    first = "from jlabel.demo import example_studies\n"
    first += 'app = jlabel.RadiologyApp(studies=example_studies("small", spacing=5.0), labels=EXAMPLE_LABELS)\n'
    first += "manager = jlabel.AppManager(app)\n"
    first += "for number in range(1, 7):\n    image_id = f'case_{number:02d}'\n"
    first += "    manager.save_label(image_id, reference(image_id))"
    train = 'job = manager.train("segmentation", max_seconds=90, device="cpu")\njob'
    with studio.notebook([APP + "\n" + _REFERENCE.replace("studies", "small") + first, train]) as nb:
        nb.run_all()
        nb.kernel.wait_for("job.state", "done", timeout=400)
        panel = nb.output_area(1).locator(".jlj-panel")
        panel.and_(nb.page.locator('[data-state="done"]')).wait_for()
        panel.scroll_into_view_if_needed()
        in_both_themes(nb, lambda: panel, "training")


def made_by(notebook: str) -> str:
    """The first cell of a notebook, which makes its pictures and the app."""
    cells = json.loads((ROOT / "notebooks" / notebook).read_text(encoding="utf-8"))["cells"]
    return "".join(next(cell["source"] for cell in cells if cell["cell_type"] == "code"))


def colour_pictures(studio: Studio) -> None:
    """A polyp in a colour picture, found by a click."""
    with studio.notebook([made_by("label_colour_pictures.ipynb"), SHOW.replace("case_02", "frame_03")]) as nb:
        nb.run_all()
        page = ready(nb)
        middle = nb.kernel.eval("[int(x) for x in np.argwhere(scene(3)[1]).mean(axis=0)]")
        page.tool("click-add")
        page.click("axial", [*middle, 0])
        page.wait_idle()
        in_both_themes(nb, lambda: page.root, "colour-pictures")


def nuclei(studio: Studio) -> None:
    """Objects of one label, each with a colour of its own, and one more by a click."""
    show = "image_id = manager.datastore.list_images()[0]\nobjects = scene(0)[1]\n"
    show += "manager.save_label(image_id, np.where(objects == 1, 0, objects))\n"
    with studio.notebook([made_by("label_nuclei.ipynb"), show + "labeler = manager.labeler(image_id)\nlabeler"]) as nb:
        nb.run_all()
        page = ready(nb)
        middle = nb.kernel.eval("[int(x) for x in np.argwhere(objects == 1).mean(axis=0)]")
        page.tool("click-add")
        page.click("axial", [*middle, 0])
        page.wait_idle()
        in_both_themes(nb, lambda: page.root, "nuclei")


def bundle(studio: Studio) -> None:
    """What the model of a bundle finds in an image that nobody has labelled."""
    first = "for number in range(1, 6):\n    image_id = f'case_{number:02d}'\n"
    first += "    manager.save_label(image_id, reference(image_id))\n"
    first += 'manager.train("segmentation", max_seconds=90, device="cpu").wait()\n'
    first += 'folder = manager.export_bundle("segmentation", to="bundles/example_head")\n'
    show = "manager = jlabel.AppManager(jlabel.BundleApp(studies='studies', conf={'bundles': str(folder)}))\n"
    show += 'labeler = manager.labeler("case_08")\nlabeler.model = "example_head"\nlabeler'
    with studio.notebook([APP + "\n" + _REFERENCE + first, show]) as nb:
        nb.run_all()
        page = ready(nb)
        page.do("run")
        page.wait_idle()
        nb.kernel.wait_for("bool(labeler.mask.any())", True, timeout=200)
        in_both_themes(nb, lambda: page.root, "bundle")


_PROPOSED = """
from jlabel.datastores.image_tags import propose_tag
chances = {"in body": 0.968, "out of body": 0.032}
propose_tag(manager.datastore, "frame_03", "in_body", chances, "in_body", 2)
"""


def tags(studio: Studio) -> None:
    """What a model proposes of a whole picture, below its name."""
    show = _PROPOSED + SHOW.replace("case_02", "frame_03")
    with studio.notebook([made_by("label_colour_pictures.ipynb"), show]) as nb:
        nb.run_all()
        page = ready(nb)
        page.root.locator(".jl-tag-by").wait_for()
        in_both_themes(nb, lambda: page.root.locator(".jl-header"), "tags")


ALL: dict[str, Callable[[Studio], None]] = {
    "labeler": labeler,
    "notebook": notebook,
    "first-click": first_click,
    "compare": compare,
    "images": images,
    "keys": keys,
    "choose-next": choose_next,
    "review": review,
    "training": training,
    "colour-pictures": colour_pictures,
    "nuclei": nuclei,
    "bundle": bundle,
    "tags": tags,
}


def main(names: Sequence[str]) -> int:
    """Make the named pictures, or all."""
    if "--help" in names:
        print(__doc__, f"They are: {', '.join(ALL)}.", sep="\n")
        return 0
    unknown = [name for name in names if name not in ALL]
    if unknown:
        sys.exit(f"no picture {unknown[0]!r}; there are {', '.join(ALL)}")
    from jlabel.demo import example_studies

    browser_path = find_browser.find_browser()
    if browser_path is None:
        sys.exit(f"no browser: {find_browser.HELP}")
    frontend.build()
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="jlabel-pictures-") as folder,
        sync_playwright() as playwright,
        running_lab(Path(folder) / "lab") as lab,
    ):
        browser = playwright.chromium.launch(executable_path=browser_path, args=SOFTWARE_3D_FLAGS)

        def new_page() -> Page:
            page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            page.set_default_timeout(90_000)
            return page

        studio = Studio(lab, new_page)
        for name in names or ALL:
            # Each picture begins with studies that nobody has labelled.
            studies = lab.root / "studies"
            if studies.exists():
                studies.rename(lab.root / f"studies-{name}")
            example_studies(studies)
            ALL[name](studio)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
