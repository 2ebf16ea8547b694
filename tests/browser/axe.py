"""What axe-core finds in a part of the page."""

from __future__ import annotations

from playwright.sync_api import Page

from scripts import frontend

_AXE = frontend.ROOT / "js" / "node_modules" / "axe-core" / "axe.min.js"


def load_axe(page: Page) -> None:
    """Make axe-core known to the page."""
    frontend.install()
    page.add_script_tag(path=_AXE)


def violations(page: Page, within: str = ".jlabel") -> list[str]:
    """What axe-core finds that is serious or critical within the elements of a selector."""
    found = page.evaluate("(within) => axe.run(within)", within)
    assert len(found["passes"]) > 10
    return [
        f"{one['id']}: {one['help']}: {[node['html'][:120] for node in one['nodes'][:3]]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]
