"""Tells of a failure in an author's code with the file, the line and its text."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jlabel.errors import ConfigError, JlabelError
from jlabel.tasks.author_lines import author_lines


@contextmanager
def author_failures(folder: Path, what: str) -> Iterator[None]:
    """Turn what an author's code raises into an error that shows the author's own lines.

    Args:
        folder: The folder of the app.
        what: What cannot be done then, such as ``"main.py cannot be imported"``.

    Raises:
        ConfigError: The code raised something other than an error of jlabel's own, or ended the program.
    """
    try:
        yield
    except JlabelError:
        raise
    except SystemExit as error:
        reason = f"{what}: the app has ended the program by exit({error.code!r}); see what it printed"
        raise ConfigError(f"{reason}{author_lines(error)}", folder) from error
    except SyntaxError as error:
        place = f"\n  {error.filename}, line {error.lineno}: {(error.text or '').strip()}" if error.lineno else ""
        raise ConfigError(f"{what}: {type(error).__name__}: {error.msg}{place}", folder) from error
    except ModuleNotFoundError as error:
        asks = (error.name or "").partition(".")[0] == "monailabel" and "monailabel" not in sys.modules
        hint = "; this is an app for MONAI Label: import jlabel.monailabel first" if asks else ""
        raise ConfigError(f"{what}: {error}{hint}{author_lines(error)}", folder) from error
    except Exception as error:
        raise ConfigError(f"{what}: {type(error).__name__}: {error}{author_lines(error)}", folder) from error
