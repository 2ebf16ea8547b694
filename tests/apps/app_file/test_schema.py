"""The schema for editors is valid, knows every key, and takes what the documentation shows."""

from __future__ import annotations

import jsonschema
import pytest
import yaml

from jlabel.apps.app_file.app_file import AppFile
from jlabel.apps.app_file.checked import KINDS
from jlabel.apps.app_file.schema import first_fault, schema
from tests.apps.app_file.conftest import Write
from tests.docs.pages import DOCS, files


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_it_knows_every_key_and_tells_what_it_is_for() -> None:
    keys = schema()["properties"]
    assert {*KINDS, "app", "labels", "name", "description", "studies", "datastore", "run"} <= set(keys)
    assert [key for key, said in keys.items() if "description" not in said] == []
    assert schema()["$defs"]["component"]["properties"].keys() == {
        "_target_",
        "_requires_",
        "_disabled_",
        "_desc_",
        "_mode_",
    }


@pytest.mark.parametrize("name", files(DOCS / "how-to" / "app-config.md"))
def test_files_of_the_documentation_are_as_it_says(name: str) -> None:
    content = yaml.safe_load(files(DOCS / "how-to" / "app-config.md")[name])
    assert first_fault(content) is None


def test_a_file_may_name_it(write: Write) -> None:
    assert AppFile(write({"$schema": "./app_schema.json", "labels": ["a"]})).evaluated("labels") == ["a"]
    assert AppFile(write("# yaml-language-server: $schema=x.json\nlabels: [a]")).evaluated("labels") == ["a"]
