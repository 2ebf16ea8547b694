"""A labeler on a page: what a test does with it, and what it looks at."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Locator, Page

from tests.browser.notebook import Notebook

APP = Path(__file__).with_name("app_for_tests.py")

# What lies above a labeler may still change its height when a test begins, as an editor does with another theme.
_POINT = """(root, [plane, voxel]) => {
  const find = () => root.jlabelDebug.voxelToClient(plane, voxel);
  const { x, y } = find();
  if (!root.contains(document.elementFromPoint(x, y))) root.scrollIntoView({ block: "nearest" });
  return find();
}"""


class LabelerPage:
    """The labeler in the output of one cell."""

    def __init__(self, notebook: Notebook, cell: int = 0) -> None:
        self.notebook = notebook
        self.page: Page = notebook.page
        self.root: Locator = notebook.output_area(cell).locator(".jlabel").first
        self.root.wait_for()

    def wait_for_image(self, image_id: str | None = None) -> None:
        """Wait until the image, or any, is there to its last voxel."""
        which = f'[data-image-id="{image_id}"]' if image_id is not None else '[data-image-id]:not([data-image-id=""])'
        self.root.and_(self.page.locator(f'{which}[data-loaded="1"]')).wait_for()
        self.root.scroll_into_view_if_needed()

    def wait_idle(self) -> None:
        """Wait until no model runs and nothing is opened or saved."""
        self.root.and_(self.page.locator('[data-busy="false"]')).wait_for()

    def pane(self, plane: str) -> Locator:
        """The pane of a plane."""
        return self.root.locator(f'.jl-pane[data-plane="{plane}"]')

    def tool(self, name: str) -> None:
        """Choose a tool by its button."""
        self.root.locator(f'[data-tool="{name}"]').click()

    def do(self, action: str) -> None:
        """Press a button."""
        self.root.locator(f'[data-action="{action}"]').first.click()

    def point(self, plane: str, voxel: Sequence[float]) -> tuple[float, float]:
        """Where a voxel is on the page, which is scrolled to the labeler where that has left the screen."""
        at = self.root.evaluate(_POINT, [plane, list(voxel)])
        return at["x"], at["y"]

    def debug(self, call: str) -> Any:
        """What the page itself knows, such as ``maskSum()``."""
        return self.root.evaluate(f"(root) => root.jlabelDebug.{call}")

    def click(self, plane: str, voxel: Sequence[int], **options: Any) -> None:
        """Click on a voxel with the chosen tool."""
        self.page.mouse.move(*self.point(plane, voxel))
        self.page.mouse.click(*self.point(plane, voxel), **options)

    def drag(self, plane: str, voxels: Sequence[Sequence[float]], button: Any = "left") -> None:
        """Press on the first voxel, move over all, let go on the last."""
        self.page.mouse.move(*self.point(plane, voxels[0]))
        self.page.mouse.down(button=button)
        for voxel in voxels:
            self.page.mouse.move(*self.point(plane, voxel), steps=3)
        self.page.mouse.up(button=button)

    def slice(self, plane: str) -> int:
        """The slice that a plane shows."""
        return int(self.pane(plane).get_attribute("data-slice") or -1)

    def turn_wheel(self, plane: str, notches: int) -> None:
        """Turn the wheel over a plane; towards the person is positive."""
        self.pane(plane).hover()
        for _ in range(abs(notches)):
            self.page.mouse.wheel(0, 100 if notches > 0 else -100)
            self.page.wait_for_timeout(20)

    def color(self, plane: str, voxel: Sequence[int]) -> tuple[int, int, int]:
        """The colour on the screen where a voxel is drawn."""
        x, y = self.point(plane, voxel)
        shot = Image.open(io.BytesIO(self.page.screenshot(clip={"x": x, "y": y, "width": 1, "height": 1})))
        red, green, blue = shot.convert("RGB").getpixel((0, 0))
        return red, green, blue


def app_cell(studies: Path, more: str = "") -> str:
    """A cell that makes an app with quick models over a folder, and its manager."""
    source = APP.read_text(encoding="utf-8")
    manager = f"manager = AppManager(App({str(studies)!r}, labels=['first', 'second']))"
    return f"{source}\nfrom jlabel import AppManager\n\n{manager}\n{more}"
