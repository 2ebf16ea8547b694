"""Print the path of a Chromium for the browser tests; with ``--install``, install one where there is none.

In this order: JLABEL_TEST_BROWSER, the system's Chromium or Chrome, Playwright's own, Debian's package, Playwright's
download. Installing talks to stderr, so that stdout holds the path alone.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
HELP = "install Chromium or Chrome, or set JLABEL_TEST_BROWSER to the program"


class BrowserError(RuntimeError):
    """No browser is there, or none could be installed; the message says what to do."""


def find_browser() -> str | None:
    """Return a browser that starts, or None; raise BrowserError when JLABEL_TEST_BROWSER names one that does not."""
    named = os.environ.get("JLABEL_TEST_BROWSER")
    if named:
        if _starts(named):
            return named
        raise BrowserError(f"JLABEL_TEST_BROWSER is {named!r}, which does not start: {HELP}")
    return next((path for path in _candidates() if _starts(path)), None)


def install_browser() -> str:
    """Install Debian's Chromium, or else Playwright's, and return its path."""
    ways: list[Callable[[], bool]] = [_debian_package, _playwright_download]
    for way in ways:
        if way() and (path := find_browser()):
            return path
    raise BrowserError(f"could not install a browser for the tests (see above): {HELP}")


def _candidates() -> Iterator[str]:
    yield from (path for name in NAMES if (path := shutil.which(name)))
    yield from (path for path in APPLICATIONS if Path(path).exists())
    if own := _playwrights_own():
        yield own


def _starts(path: str) -> bool:
    """A stub that only tells where to get a browser (as Ubuntu's chromium-browser is) does not count."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _playwrights_own() -> str | None:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def _debian_package() -> bool:
    release = Path("/etc/os-release")
    if not (release.is_file() and "\nID=debian" in "\n" + release.read_text() and shutil.which("apt-get")):
        return False
    become_root: list[str] = []
    if os.geteuid() != 0:
        become_root = ["sudo", "-n"]
        if not shutil.which("sudo") or not _runs([*become_root, "true"]):
            return False
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y", "--no-install-recommends"]
    _runs([*become_root, *quiet, "update"])
    return _runs([*become_root, *quiet, "install", "chromium", "fonts-liberation"])


def _playwright_download() -> bool:
    libraries = ["--with-deps"] if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") else []
    return _runs([sys.executable, "-m", "playwright", "install", *libraries, "chromium"])


def _runs(command: Sequence[str]) -> bool:
    return subprocess.run(command, stdout=sys.stderr, check=False).returncode == 0


def main(arguments: Sequence[str]) -> int:
    """Print the browser's path, or say on stderr why there is none."""
    try:
        path = find_browser() or (install_browser() if "--install" in arguments else None)
    except BrowserError as error:
        print(error, file=sys.stderr)
        return 1
    if path is None:
        print(f"no browser for the tests: {HELP}", file=sys.stderr)
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
