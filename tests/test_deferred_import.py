"""Imports that are put off until somebody wants what is in a module."""

import subprocess
import sys
import threading

import pytest

from jlabel.deferred_import import DeferredModule, defer_import


@pytest.fixture
def slow_module(tmp_path, monkeypatch):
    """The name of a module that counts how often it is imported, and has a module in it."""
    package = tmp_path / "slow_module"
    package.mkdir()
    (package / "__init__.py").write_text(
        "import sys\n"
        "sys.times_imported = getattr(sys, 'times_imported', 0) + 1\n"
        "SIZE = 3\n"
        "def twice(number, *, more=0):\n"
        "    return 2 * number + more\n"
    )
    (package / "inner.py").write_text("NAME = 'inner'\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "times_imported", 0, raising=False)
    yield "slow_module"
    for name in [name for name in sys.modules if name.split(".")[0] == "slow_module"]:
        del sys.modules[name]


def test_a_function_is_there_before_its_module_and_answers_as_the_modules_own(slow_module):
    defer_import(slow_module, "twice")
    from slow_module import twice

    assert sys.times_imported == 0
    assert twice(2, more=1) == 5
    assert (sys.times_imported, type(sys.modules[slow_module])) == (1, type(sys))
    assert (twice(4), sys.times_imported) == (8, 1)


def test_another_name_brings_the_module(slow_module):
    defer_import(slow_module, "twice")
    from slow_module import SIZE

    assert (SIZE, sys.times_imported) == (3, 1)


def test_a_name_that_the_module_has_not_is_missing_as_in_any_module(slow_module):
    defer_import(slow_module, "twice")
    with pytest.raises(ImportError, match="cannot import name 'gone' from 'slow_module'"):
        from slow_module import gone  # noqa: F401


def test_a_module_inside_it_is_found(slow_module):
    defer_import(slow_module, "twice")
    import slow_module.inner

    assert slow_module.inner.NAME == "inner"


def test_threads_that_call_at_once_import_it_once(slow_module):
    defer_import(slow_module, "twice")
    from slow_module import twice

    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(twice(1))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (found, sys.times_imported) == ([2] * 8, 1)


def test_a_module_that_fails_to_be_imported_fails_at_the_call(slow_module, tmp_path):
    (tmp_path / "slow_module" / "__init__.py").write_text("raise ImportError('its library is broken')\n")
    defer_import(slow_module, "twice")
    from slow_module import twice

    for _ in range(2):
        with pytest.raises(ImportError, match="its library is broken"):
            twice(1)


def test_a_module_that_is_not_installed_stays_missing():
    defer_import("no_such_module", "twice")
    with pytest.raises(ModuleNotFoundError):
        import no_such_module  # noqa: F401


def test_a_module_that_is_there_stays_as_it_is():
    defer_import("json", "dumps")
    assert not isinstance(sys.modules["json"], DeferredModule)


def test_monai_does_not_wait_for_the_grammar_of_addresses_and_they_are_checked_all_the_same():
    code = (
        "import sys, jlabel, monai.bundle\n"
        "from jsonschema import FormatChecker\n"
        "assert 'iri' in FormatChecker.checkers, sorted(FormatChecker.checkers)\n"
        "assert 'rfc3987_syntax.syntax_helpers' not in sys.modules\n"
        "check = FormatChecker()\n"
        "print(check.conforms('http://example.org/\\u00e4', 'iri'), check.conforms('no address', 'iri'))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=280)
    assert (done.stdout, done.returncode) == ("True False\n", 0), done.stderr
