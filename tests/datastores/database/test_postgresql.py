"""A catalogue on a real PostgreSQL server: passwords, faults, and values that PostgreSQL itself would refuse."""

from __future__ import annotations

import json
import math
import os
import pickle
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from PIL import Image

from jlabel.datastores import LocalDatastore, image_queue, label_rows
from jlabel.datastores.catalogue import Catalogue
from jlabel.datastores.database.address import parse_address
from jlabel.datastores.database.passwords import job_environment
from jlabel.datastores.setting_rows import get_setting, set_setting
from jlabel.errors import DatastoreError
from tests.postgres_server import PASSWORD, PostgresServer

SECRET = "s3cret"


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    for name in ("a", "b", "c"):
        Image.new("L", (5, 4)).save(tmp_path / f"{name}.png")
    return tmp_path


@pytest.fixture
def mask(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("labels") / "mask.png"
    Image.new("L", (5, 4), 1).save(file)
    return file


def count(studies: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Open the studies in another process."""
    code = f"from jlabel.datastores import LocalDatastore; print(LocalDatastore({str(studies)!r}).count_images())"
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, **environment}, check=False
    )


def test_a_password_that_was_given_is_in_no_file_repr_pickle_or_error(studies: Path, postgres: PostgresServer) -> None:
    quoted = "p%40ss%3Aword%2F%2521"
    url = postgres.new_url("anna").replace("anna@", f"anna:{quoted}@")
    store = LocalDatastore(studies, catalogue=url)
    kept = b"".join(file.read_bytes() for file in (studies / ".jlabel").rglob("*") if file.is_file())
    address = parse_address(url)
    shown = repr(store) + repr(address) + str(address) + repr(store._catalogue.address) + str(vars(store))
    for secret in (PASSWORD, quoted):
        assert secret.encode() not in kept + pickle.dumps(store) + pickle.dumps(address)
        assert secret not in shown
    assert pickle.loads(pickle.dumps(store)).count_images() == 3
    # A job's process gets it in its environment alone.
    assert "wants a password" in count(studies, PGPASSWORD="").stderr
    assert count(studies, **job_environment()).stdout == "3\n"
    store.close()


@pytest.mark.parametrize("variable", ["JLABEL_CATALOGUE_PASSWORD", "PGPASSWORD", "PGPASSFILE"])
def test_a_password_from_the_environment(
    variable: str, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    escaped = PASSWORD.replace(":", "\\:")
    (tmp_path / "pgpass").write_text(f"*:*:*:anna:{escaped}\n")
    (tmp_path / "pgpass").chmod(0o600)
    monkeypatch.setattr("jlabel.datastores.database.passwords._given", {})
    monkeypatch.setenv(variable, str(tmp_path / "pgpass") if variable == "PGPASSFILE" else PASSWORD)
    Catalogue(parse_address(postgres.new_url("anna"))).close()


def test_a_password_from_the_keyring(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring

    asked = []

    def found(service: str, who: str) -> str:
        asked.append((service, who))
        return PASSWORD

    monkeypatch.setattr(keyring, "get_password", found)
    monkeypatch.setattr("jlabel.datastores.database.passwords._given", {})
    Catalogue(parse_address(postgres.new_url("anna"))).close()
    assert asked == [("jlabel catalogue", f"anna@127.0.0.1:{postgres.port}/jlabel")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("/jlabel", "/nothing"), "there is no such database"),
        (("keyless@", f"anna:{SECRET}@"), "refuses the password"),
        (("keyless@", "nobody@"), "wants a password"),
        (("postgresql:", "mysql:"), "cannot be at an address that begins with 'mysql'"),
        (("keyless@", f"anna:{SECRET}@:::"), "cannot be understood"),
        (("schema=", "schema=x;"), "cannot be the schema"),
    ],
)
def test_what_is_wrong_with_an_address_is_said_without_a_password(
    change: tuple[str, str], said: str, studies: Path, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jlabel.datastores.database.passwords._given", {})
    with pytest.raises(DatastoreError, match=said) as caught:
        LocalDatastore(studies, catalogue=postgres.new_url().replace(*change))
    assert SECRET not in str(caught.value)
    assert not (studies / ".jlabel" / "catalogue.sqlite").exists()


def test_a_user_without_rights_is_told_what_is_missing(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JLABEL_CATALOGUE_PASSWORD", PASSWORD)
    address = postgres.new_url()
    Catalogue(parse_address(address)).close()
    with pytest.raises(DatastoreError, match="has not the rights"):
        Catalogue(parse_address(address.replace("keyless@", "anna@")))


def test_a_server_that_is_down_at_the_start(studies: Path, postgres: PostgresServer) -> None:
    url = postgres.new_url()
    postgres.stop()
    with pytest.raises(DatastoreError, match="cannot be reached") as caught:
        LocalDatastore(studies, catalogue=url)
    assert "Try again when it is back" in str(caught.value)
    postgres.start()
    assert LocalDatastore(studies, catalogue=url).count_images() == 3


def test_a_server_that_crashes_in_the_middle_of_a_save(
    studies: Path, mask: Path, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalDatastore(studies, catalogue=postgres.new_url())
    store.save_label("a", mask)
    stamp = store.change_stamp()

    add_version = label_rows.add_version

    def crash(*arguments: object) -> None:
        add_version(*arguments)  # type: ignore[arg-type]
        postgres.stop(signal.SIGQUIT)

    with monkeypatch.context() as patched:
        patched.setattr("jlabel.datastores.label_rows.add_version", crash)
        with pytest.raises(DatastoreError, match=r"went away .* nothing was saved"):
            store.save_label("a", mask)
    assert store.change_stamp() == stamp  # what it was last: the server cannot be asked, and nothing fails
    with pytest.raises(DatastoreError, match="cannot be reached"):
        store.save_label("a", mask)
    assert Path(studies / "labels" / "final" / "a.png").read_bytes() == mask.read_bytes()
    postgres.start()
    store.save_label("a", mask)
    assert [version.current for version in store.label_history("a")] == [False, True]
    assert store.change_stamp() != stamp
    store.close()


def test_a_connection_that_was_cut_is_replaced(studies: Path, mask: Path, postgres: PostgresServer) -> None:
    store = LocalDatastore(studies, catalogue=postgres.new_url())
    for image_id in ("a", "b"):
        assert postgres.end_connections() > 0
        store.save_label(image_id, mask)

    def cut() -> None:
        with store._catalogue.write() as connection:
            postgres.end_connections()
            set_setting(connection, "name", "lost")

    with pytest.raises(DatastoreError, match="went away"):
        cut()
    assert (store.name(), store.get_labeled_images()) == (studies.name, ["a", "b"])
    store.close()


def test_connections_cut_at_random_lose_no_label(studies: Path, mask: Path, postgres: PostgresServer) -> None:
    store = LocalDatastore(studies, catalogue=postgres.new_url())

    def cut() -> None:
        chance = random.Random(0)
        for _ in range(20):
            time.sleep(chance.uniform(0.01, 0.2))
            postgres.end_connections()

    cutter = threading.Thread(target=cut)
    cutter.start()
    saved, errors = 0, []
    while cutter.is_alive() or saved < 3:
        try:
            store.save_label("a", mask, info={"number": saved})
            saved += 1
        except DatastoreError as error:
            errors.append(str(error))
    cutter.join()
    assert all("the database" in error for error in errors)
    history = store.label_history("a")
    assert {version.info["number"] for version in history} >= {*range(saved)}
    assert [version.current for version in history] == [False] * (len(history) - 1) + [True]
    for version in history:
        assert Path(store.get_version_uri("a", version.number)).read_bytes() == mask.read_bytes()
    store.close()


def test_values_that_postgresql_itself_refuses_are_kept_as_they_are(
    studies: Path, mask: Path, postgres: PostgresServer
) -> None:
    store = LocalDatastore(studies, catalogue=postgres.new_url())
    odd = {"nul": "a\0b", "half": "\ud800", "large": 10**30, "deep": [[{"ü": None}]], "infinite": math.inf}
    store.update_image_info("b", {**odd, "skipped": "now"})
    store.save_label("a", mask, info={"note": {"text": "x\0y"}, **odd})
    assert {key: store.get_image_info("b")[key] for key in odd} == odd
    assert {key: store.get_label_info("a")[key] for key in odd} == odd
    store.update_image_info("c", {"nothing": math.nan})
    assert math.isnan(store.get_image_info("c")["nothing"])
    assert [note.value for note in store.version_notes("note")] == [{"text": "x\0y"}]
    with store._catalogue.write() as connection:
        image_queue.rebuild(connection)
    assert store.waiting_images() == ["c"]
    assert store.waiting_images(skipped=True) == ["b", "c"]
    with pytest.raises(DatastoreError):
        store.set_name("a\0b")
    store.close()


def test_writers_take_turns_and_those_that_need_not_be_alone_do_not_wait(postgres: PostgresServer) -> None:
    address = parse_address(postgres.new_url())
    first, hasty = Catalogue(address), Catalogue(address, timeout=0.2)
    with first.write() as connection:
        set_setting(connection, "name", "first")
        with pytest.raises(DatastoreError, match=r"held by another program for more than 0\.2 s"), hasty.write():
            pass
        with hasty.write(alone=False) as beside:
            set_setting(beside, "description", "beside")
        with hasty.read() as reading:
            assert (get_setting(reading, "name"), get_setting(reading, "description")) == (None, "beside")
    with hasty.write() as connection:
        assert get_setting(connection, "name") == "first"
    first.close()
    hasty.close()


def test_the_stamp_changes_at_the_commit_of_what_was_written(postgres: PostgresServer) -> None:
    address = parse_address(postgres.new_url())
    catalogue, other = Catalogue(address), Catalogue(address)
    before = catalogue.stamp()
    with other.write(), other.read():
        pass
    assert catalogue.stamp() == before
    with other.write() as connection:
        set_setting(connection, "name", "new")
        assert catalogue.stamp() == before
    assert catalogue.stamp() != before
    catalogue.close()
    other.close()


def test_each_folder_has_a_catalogue_of_its_own(studies: Path, postgres: PostgresServer, tmp_path_factory) -> None:
    url = postgres.new_url()
    LocalDatastore(studies, catalogue=url).close()
    # Opened plainly, the folder knows where its catalogue is; anybody may name it in other words.
    assert LocalDatastore(studies)._catalogue.address == parse_address(url)
    assert LocalDatastore(studies, catalogue=url.replace("127.0.0.1", "localhost")).count_images() == 3
    with pytest.raises(DatastoreError, match="that of other studies"):
        LocalDatastore(tmp_path_factory.mktemp("others"), catalogue=url)
    with pytest.raises(DatastoreError, match="that of other studies"):
        LocalDatastore(studies, catalogue=postgres.new_url())
    with pytest.raises(DatastoreError, match="no longer the file"):
        LocalDatastore(studies, catalogue=studies / ".jlabel" / "catalogue.sqlite")


def test_a_new_folder_is_not_opened_with_the_file_of_another_one(studies: Path, tmp_path_factory) -> None:
    LocalDatastore(studies).close()
    with pytest.raises(DatastoreError, match="that of other studies"):
        LocalDatastore(tmp_path_factory.mktemp("others"), catalogue=studies / ".jlabel" / "catalogue.sqlite")
    assert LocalDatastore(studies).count_images() == 3


def test_a_folder_with_a_file_is_not_opened_with_another_catalogue(studies: Path, postgres: PostgresServer) -> None:
    LocalDatastore(studies).close()
    with pytest.raises(DatastoreError, match="a folder has only one"):
        LocalDatastore(studies, catalogue=postgres.new_url())


def test_the_environment_names_the_catalogue_of_a_new_folder(
    studies: Path, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch, tmp_path_factory
) -> None:
    there = tmp_path_factory.mktemp("before")
    LocalDatastore(there).close()
    monkeypatch.setenv("JLABEL_CATALOGUE", postgres.new_url())
    assert LocalDatastore(there)._catalogue.address == there / ".jlabel" / "catalogue.sqlite"
    assert str(LocalDatastore(studies)._catalogue.address) == os.environ["JLABEL_CATALOGUE"]


@pytest.mark.parametrize("planted", ["no json", "[]", '{"id": "x", "catalogue": "y"}'])
def test_what_the_folder_remembers_is_not_believed_blindly(planted: str, studies: Path) -> None:
    LocalDatastore(studies).close()
    (studies / ".jlabel" / "catalogue.json").write_text(planted)
    with pytest.raises(DatastoreError, match=r"catalogue\.json: it says where the catalogue is"):
        LocalDatastore(studies)


def test_an_address_in_a_folder_names_no_files(studies: Path, postgres: PostgresServer) -> None:
    LocalDatastore(studies, catalogue=postgres.new_url()).close()
    link = studies / ".jlabel" / "catalogue.json"
    kept = json.loads(link.read_text())
    kept["catalogue"] += "&sslkey=/etc/secret"
    link.write_text(json.dumps(kept))
    with pytest.raises(DatastoreError, match="says more than it may"):
        LocalDatastore(studies)


def test_without_psycopg_it_is_said_how_to_install_it(studies: Path) -> None:
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from jlabel.datastores import LocalDatastore\n"
        f"LocalDatastore({str(studies)!r}, catalogue='postgresql://anna@localhost/jlabel')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert 'pip install "jlabel[postgresql]"' in done.stderr
