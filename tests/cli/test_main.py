"""Help at once, exit codes, and errors in one line."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

import jlabel as package
from jlabel.cli.command_table import COMMANDS
from jlabel.errors import JlabelError
from tests.cli.conftest import Jlabel

HEAVY = ("torch", "monai", "numpy", "jlabel._public", "jupyterlab", "jsonschema", "yaml", "sqlalchemy")


@pytest.mark.parametrize(
    "arguments", [["--help"], ["run", "--help"], ["train", "--help"], ["bundles", "--help"], ["--version"], []]
)
def test_help_waits_for_nothing_that_only_a_command_needs(arguments: list[str]) -> None:
    program = f"""
import atexit, sys
from jlabel.cli import main
atexit.register(lambda: print([name for name in {HEAVY!r} if name in sys.modules]))
main({arguments!r})
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


def test_it_is_a_module_too() -> None:
    done = subprocess.run([sys.executable, "-m", "jlabel", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"jlabel {package.__version__}\n"


def test_help_imports_no_command() -> None:
    program = """
import atexit, sys
from jlabel.cli import main
atexit.register(lambda: print([name for name in sys.modules if name.startswith("jlabel.cli") and "_command" in name]))
main(["--help"])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", [one.name for one in COMMANDS])
def test_every_command_of_the_table_is_there_with_its_summary(name: str, jlabel: Jlabel) -> None:
    code, out, _ = jlabel(name, "--help")
    assert code == 0
    assert re.search(rf"Usage: jlabel {name}\b", out)
    summary = next(one.summary for one in COMMANDS if one.name == name)
    width = max(len(one.name) for one in COMMANDS)
    assert f"  {name:<{width}}  {summary}\n" in jlabel("--help")[1]


def test_help_names_the_commands(jlabel: Jlabel) -> None:
    code, out, _ = jlabel("--help")
    assert code == 0
    work = {"status", "check", "next", "train", "infer", "score", "jobs", "models", "import", "export"}
    commands = {"lab", "demo", "run", "apps", *work}
    assert {"bundles", *commands} <= set(re.findall(r"\w+", out))
    assert jlabel() == (0, out, "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing"], "No such command 'nothing'"),
        (["--wrong"], r"No such option:? '?--wrong"),
        (["run"], r"Missing argument 'APP_FILE\.\.\.'"),
        (["run", "app.yaml", "--port", "no"], "Invalid value for '--port'"),
        (["run", "app.yaml", "--port", "0"], "Invalid value for '--port'"),
        (["run", "app.yaml", "--studis", "."], r"No such option: --studis\. Did you mean --studies\?"),
        (["run", "app.yaml", "--brwoser", "none"], r"Did you mean --browser\?"),
        (["bundles", "download"], "Missing argument '?NAME|Missing parameter: name"),
        (["bundles", "--jsn"], r"No such option:? '?--jsn"),
    ],
)
def test_wrong_use_is_code_2_and_one_line(arguments: list[str], said: str, jlabel: Jlabel) -> None:
    code, out, err = jlabel(*arguments)
    assert (code, out) == (2, "")
    assert re.search(said, err)
    assert err.startswith("jlabel: ")
    assert err.count("\n") == 1
    assert "--help')" in err


def test_an_error_is_code_1_and_one_line_without_a_traceback(jlabel: Jlabel) -> None:
    code, out, err = jlabel("run", "/nowhere/app.yaml")
    assert (code, out, err) == (1, "", "jlabel: /nowhere/app.yaml: does not exist\n")


@pytest.mark.parametrize(
    "arguments", [["--debug", "run", "/nowhere/app.yaml"], ["run", "/nowhere/app.yaml", "--debug"]]
)
def test_with_debug_it_is_the_exception_itself(arguments: list[str]) -> None:
    from jlabel.cli.main import main

    with pytest.raises(JlabelError, match="does not exist"):
        main(arguments)


def test_an_error_holds_no_commands_of_the_terminal(jlabel: Jlabel) -> None:
    assert jlabel("run", "/no\x1b[31mwhere.yaml") == (1, "", "jlabel: /no [31mwhere.yaml: does not exist\n")


def test_a_fault_of_jlabel_asks_for_a_report(jlabel: Jlabel, monkeypatch: pytest.MonkeyPatch) -> None:
    from jlabel.bundles.zoo import download

    def broken() -> None:
        raise KeyError("a\nb")

    monkeypatch.setattr(download, "downloads_folder", broken)
    code, _, err = jlabel("bundles")
    assert code == 1
    assert err.startswith("jlabel: KeyError: ")
    assert "please report what --debug shows" in err
    assert err.count("\n") == 1


def test_ctrl_c_is_code_1(jlabel: Jlabel, monkeypatch: pytest.MonkeyPatch) -> None:
    from jlabel.bundles.zoo import download

    def stopped() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(download, "downloads_folder", stopped)
    code, out, err = jlabel("bundles")
    assert (code, out, err.strip()) == (1, "", "jlabel: stopped")
