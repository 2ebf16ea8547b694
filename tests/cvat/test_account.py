"""Where a server is and who asks: given, or named by the environment, and never shown."""

from __future__ import annotations

import pickle

import pytest

import jlabel
from jlabel.cvat.account import checked_url, find_account, named_project


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("http://localhost:8080", "http://localhost:8080"),
        ("https://cvat.example.org/", "https://cvat.example.org"),
        (" http://localhost:8080/api/ ", "http://localhost:8080"),
        ("https://example.org/tools/cvat", "https://example.org/tools/cvat"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_an_address_is_taken_as_people_type_it(typed: str, meant: str) -> None:
    assert checked_url(typed) == meant


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("localhost:8080", "begins with http:// or https://"),
        ("ftp://localhost", "begins with http:// or https://"),
        ("http://", "begins with http:// or https://"),
        ("http://ann:secret@localhost", "do not belong into the address"),
        ("http://localhost/?token=secret", "the address of the server alone"),
        ("http://localhost:port", "is no address"),
    ],
)
def test_what_is_no_address_is_refused(typed: str, why: str) -> None:
    with pytest.raises(jlabel.CvatError, match=why):
        checked_url(typed)


def test_the_environment_names_what_is_not_given() -> None:
    known = {
        "JLABEL_CVAT_URL": "http://one",
        "JLABEL_CVAT_USERNAME": "ann",
        "JLABEL_CVAT_PASSWORD": "secret",
        "JLABEL_CVAT_ORGANIZATION": "lab",
    }
    found = find_account(environment=known)
    assert (found.url, found.username, found.password, found.organization) == ("http://one", "ann", "secret", "lab")
    assert find_account("http://two", token="abc", environment=known).username == ""


def test_the_names_that_monai_label_reads_are_read_too() -> None:
    known = {
        "MONAI_LABEL_DATASTORE_URL": "http://127.0.0.1:8080",
        "MONAI_LABEL_DATASTORE_USERNAME": "myuser",
        "MONAI_LABEL_DATASTORE_PASSWORD": "mypass",
        "MONAI_LABEL_DATASTORE_PROJECT": "tools",
    }
    found = find_account(environment=known)
    assert (found.url, found.username, found.password) == ("http://127.0.0.1:8080", "myuser", "mypass")
    assert named_project(known) == "tools"
    assert find_account(environment={**known, "MONAI_LABEL_DATASTORE_API_KEY": "key"}).token == "key"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "no CVAT server is named"),
        ({"url": "http://one"}, "no login for http://one"),
        ({"url": "http://one", "username": "ann"}, "no login for http://one"),
        ({"url": "http://one", "token": "a", "username": "ann"}, "not both"),
    ],
)
def test_what_is_missing_is_named(given: dict[str, str], why: str) -> None:
    with pytest.raises(jlabel.CvatError, match=why):
        find_account(**given, environment={})


def test_a_secret_is_never_shown_and_never_pickled() -> None:
    for login in ({"token": "s3cret"}, {"username": "ann", "password": "s3cret"}):
        cvat = jlabel.Cvat("http://localhost:8080", **login)
        shown = [repr(cvat), cvat._repr_html_(), repr(vars(cvat)), repr(cvat.connection), str(cvat._account)]
        assert not any("s3cret" in text for text in shown)
        with pytest.raises(TypeError, match="cannot be pickled"):
            pickle.dumps(cvat)
        cvat.close()
