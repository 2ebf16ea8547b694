"""``jlabel bundles``: the zoo, what is here, downloads; as tables and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jlabel.cli.tables import size_said
from tests.bundles.zoo.conftest import Zoo, bundle_archive, cut_after
from tests.cli.conftest import Jlabel


def test_the_zoo_and_what_is_here(zoo: Zoo, jlabel: Jlabel, tmp_path: Path) -> None:
    zoo.add("spleen", "0.5.9")
    zoo.add("spleen", "0.4.0")
    zoo.add("liver", "1.0.0")
    mine = tmp_path / "my bundles"
    assert jlabel("bundles", "download", "spleen", "--to", mine)[0] == 0
    code, out, err = jlabel("bundles", mine)
    assert (code, err) == (0, "")
    lines = [line.split() for line in out.splitlines()]
    assert lines[0] == ["The", "model", "zoo", "has", "2"]
    size = size_said(len(zoo.files["/files/liver_v1.0.0.zip"])).split()
    assert ["liver", "1.0.0", *size, "Apache-2.0", "Decathlon", "spleen", "segmentation"] in lines
    assert ["spleen", "0.5.9", "here", *size, "Apache-2.0", "Decathlon", "spleen", "segmentation"] in lines
    here = out.partition("Here are 1\n")[2]
    assert str(mine / "spleen") in here


def test_all_versions(zoo: Zoo, jlabel: Jlabel) -> None:
    zoo.add("spleen", "0.9.0")
    zoo.add("spleen", "0.10.0")
    _, out, _ = jlabel("bundles", "list", "--all", "--json")
    listed = [(row["version"], row["bytes"] is None, row["licence"]) for row in json.loads(out)["zoo"]]
    assert listed == [("0.10.0", False, "Apache-2.0"), ("0.9.0", True, "Apache-2.0")]


def test_json_for_programs(zoo: Zoo, jlabel: Jlabel, tmp_path: Path) -> None:
    address = zoo.add("spleen", "0.5.9")
    code, out, err = jlabel("bundles", "download", "spleen", "--to", tmp_path, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "name": "spleen",
        "version": "0.5.9",
        "task": "Decathlon spleen segmentation",
        "licence": "Apache-2.0",
        "bytes": sum(file.stat().st_size for file in (tmp_path / "spleen").rglob("*") if file.is_file()),
        "path": str(tmp_path / "spleen"),
        "fault": None,
        "new": True,
        "checksum": "checked",
    }
    assert json.loads(jlabel("bundles", "download", "spleen", "--to", tmp_path, "--json")[1])["new"] is False
    listed = json.loads(jlabel("bundles", tmp_path, "--json")[1])
    assert [row["name"] for row in listed["here"]] == ["spleen"]
    (row,) = listed["zoo"]
    assert (row["address"], row["checksum"], row["task"]) == (
        address,
        zoo.index["spleen_v0.5.9"]["checksum"],
        "Decathlon spleen segmentation",
    )


def test_without_a_connection_it_lists_what_is_here(jlabel: Jlabel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JLABEL_MODEL_ZOO", "http://127.0.0.1:9/model_info.json")
    code, out, err = jlabel("bundles")
    assert code == 0
    assert "No bundle is here: 'jlabel bundles download NAME' gets one" in out
    assert err.startswith("jlabel: the model zoo is not to be had, so only what is here is listed: 127.0.0.1:9")
    read = json.loads(jlabel("bundles", "--json")[1])
    assert (read["zoo"], read["here"]) == (None, [])
    assert "cannot be reached" in read["reason"]


def test_the_folder_of_the_downloads_is_always_looked_into(zoo: Zoo, jlabel: Jlabel, tmp_path: Path) -> None:
    zoo.add("spleen", "0.5.9")
    code, out, _ = jlabel("bundles", "download", "spleen", "--version", "0.5.9")
    assert code == 0
    place = tmp_path / "data" / "jlabel" / "bundles" / "spleen"
    assert out.splitlines()[0].startswith(f"spleen 0.5.9 is at {place} (")
    assert out.splitlines()[1] == "licence: Apache-2.0"
    assert [row["path"] for row in json.loads(jlabel("bundles", "--json")[1])["here"]] == [str(place)]
    assert "was already at" in jlabel("bundles", "download", "spleen")[1]


def test_a_folder_that_is_not_there_is_told(zoo: Zoo, jlabel: Jlabel, tmp_path: Path) -> None:
    zoo.add("spleen", "0.5.9")
    code, out, err = jlabel("bundles", tmp_path / "nowhere")
    assert code == 1
    assert "spleen" in out
    assert err == f"jlabel: there is no folder {tmp_path / 'nowhere'}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["splen"], "the model zoo has no bundle 'splen': did you mean spleen?"),
        (["spleen", "--version", "9"], "no version '9' of spleen: there is 0.5.9"),
    ],
)
def test_what_the_zoo_does_not_have(arguments: list[str], said: str, zoo: Zoo, jlabel: Jlabel) -> None:
    zoo.add("spleen", "0.5.9")
    code, out, err = jlabel("bundles", "download", *arguments)
    assert (code, out) == (1, "")
    assert said in err


def test_a_download_that_breaks_off_is_gone_on_with_by_the_same_command(
    zoo: Zoo, jlabel: Jlabel, tmp_path: Path
) -> None:
    zoo.add("spleen", "0.5.9")
    zoo.faults = [cut_after(1000), cut_after(0)]
    code, _, err = jlabel("bundles", "download", "spleen", "--to", tmp_path)
    assert (code, err.count("\n")) == (1, 1)
    assert "broke off after 1,000 of" in err
    assert jlabel("bundles", "download", "spleen", "--to", tmp_path)[0] == 0
    assert zoo.begun() == [0, 1000, 1000]


def test_without_a_checksum_it_warns(zoo: Zoo, jlabel: Jlabel, tmp_path: Path) -> None:
    zoo.add("spleen", "0.5.9", checksum="")
    code, _, err = jlabel("bundles", "download", "spleen", "--to", tmp_path)
    assert code == 0
    assert "it was not checked" in err


def test_texts_of_a_bundle_are_no_markup_and_no_commands_of_the_terminal(
    zoo: Zoo, jlabel: Jlabel, tmp_path: Path
) -> None:
    evil = json.dumps({"version": "[bold]1\x1b[31m", "task": "[link=http://x]here[/link]\nline\x07"}).encode()
    content = bundle_archive(**{"configs/metadata.json": evil, "LICENSE": b"[red]mine[/red]\x1b[0m"})
    zoo.add("spleen", "0.5.9", content)
    code, said, _ = jlabel("bundles", "download", "spleen", "--to", tmp_path)
    assert code == 0
    _, out, _ = jlabel("bundles", tmp_path)
    assert "\x1b" not in said + out
    assert "\x07" not in out
    assert "[link=http://x]here[/link] line" in out
