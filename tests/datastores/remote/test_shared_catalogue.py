"""Studies in a bucket whose catalogue is on a PostgreSQL server: machines with copies of their own, and one truth."""

from __future__ import annotations

import os
import pickle
import threading
from pathlib import Path

import numpy as np
import pytest

import jlabel
from jlabel.datastores import LocalDatastore, NewLabel, RemoteDatastore, label_rows
from jlabel.datastores.remote.label_sync import LabelSync
from jlabel.errors import DatastoreError
from tests.jobs.dask.clusters import Cluster
from tests.jobs.dask.test_manager import App


@pytest.fixture
def scans(put, add, tmp_path):
    """Three pictures in the bucket."""
    add(tmp_path / "made", "a.png", "b.png", "sub/c.png")
    put(**{name: (tmp_path / "made" / name).read_bytes() for name in ("a.png", "b.png", "sub/c.png")})


@pytest.fixture
def catalogue(postgres):
    """The address of a catalogue that machines share."""
    return postgres.new_url()


@pytest.fixture
def machines(scans, open_remote, catalogue):
    """Opens the studies on a machine, with the shared catalogue."""

    def opened(name: str, **options):
        # A client of S3 takes a second to make: one does for all.
        options = {"catalogue": catalogue, "storage_options": {"skip_instance_cache": False}} | options
        return open_remote(name, author=name, **options)

    return opened


def content(store: RemoteDatastore, image_id: str = "a", tag: str = "final") -> str:
    return Path(store.get_label_uri(image_id, tag)).read_text()


def test_what_one_saves_the_others_have_at_their_next_call(machines, label_file, get):
    anna, ben = machines("anna"), machines("ben")
    assert ben.list_images() == ["a", "b", "sub/c"]
    anna.save_label("a", label_file("anna's"), info={"comment": "first"})
    assert ben.get_labeled_images() == ["a"]
    assert content(ben) == "anna's"
    ben.save_label("a", label_file("ben's"))
    assert content(anna) == get("labels/final/a.nii.gz").decode() == "ben's"
    assert [(version.author, version.current) for version in anna.label_history("a")] == [
        ("anna", False),
        ("ben", True),
    ]
    assert Path(ben.get_version_uri("a", 1)).read_text() == "anna's"
    assert ben.label_history("a")[0].info == {"comment": "first"}
    anna.remove_label("a", "final")
    assert ben.get_labels_by_image_id("a") == {}
    ben.restore_label("a", 1)
    assert content(anna) == "anna's"


def test_machines_on_one_file_server_may_share_a_file(machines, label_file, tmp_path):
    anna, ben = (machines(name, catalogue=tmp_path / "shared.sqlite") for name in ("anna", "ben"))
    anna.save_label("a", label_file("anna's"))
    assert content(ben) == "anna's"


def test_a_look_at_the_store_changes_nothing_of_what_others_saved(machines, label_file):
    anna, ben = machines("anna"), machines("ben")
    for value in ("one", "two"):
        anna.save_label("a", label_file(value))
    anna.save_label("sub/c", label_file("c"), tag="original")
    before = anna.label_history("a")
    for store in (ben, anna, ben):
        store.refresh()
        assert store.label_history("a") == before
    assert content(ben, "sub/c", "original") == "c"
    late = machines("late")
    assert late.label_history("a") == before
    assert content(late) == "two"
    assert [one.version.author for one in late.labelled_images("original")] == ["anna"]


def test_an_old_copy_never_becomes_the_label(machines, label_file):
    anna, ben = machines("anna"), machines("ben")
    anna.save_label("a", label_file("same size 1"))
    assert content(ben) == "same size 1"
    anna.save_label("a", label_file("same size 2"))
    ben.save_label("a", label_file("same size 3"))
    anna.save_label("a", label_file("another format", ".nrrd"))
    assert [version.author for version in ben.label_history("a")] == ["anna", "anna", "ben", "anna"]
    assert content(ben) == "another format"
    assert not (ben.folder / "labels" / "final" / "a.nii.gz").exists()
    os.utime(Path(ben.get_label_uri("a")), ns=(0, 0))
    assert content(ben) == "another format"
    assert len(ben.label_history("a")) == 4


def test_a_copy_that_was_edited_here_becomes_a_version_for_all(machines, label_file):
    anna, ben = machines("anna"), machines("ben")
    anna.save_label("a", label_file("anna's"))
    edited = Path(ben.get_label_uri("a"))
    edited.unlink()
    edited.write_text("edited by a program")
    assert content(ben) == "edited by a program"
    assert content(anna) == "edited by a program"
    anna.save_label("a", label_file("anna's again"))
    edited.unlink()
    edited.write_text("edited once more")  # of a label that is another one by now
    assert content(ben) == "edited once more"
    kept = [Path(anna.get_version_uri("a", version.number)).read_text() for version in anna.label_history("a")]
    assert kept == ["anna's", "edited by a program", "anna's again", "edited once more"]


def test_a_label_that_another_program_puts_into_the_bucket_is_taken_in_once(machines, label_file, put, s3, bucket):
    anna, ben = machines("anna"), machines("ben")
    anna.save_label("a", label_file("anna's"))
    put(**{"labels/final/a.nii.gz": b"from elsewhere", "labels/final/b.nii.gz": b"b", "labels/final/x.nii.gz": b"x"})
    for store in (ben, anna):
        store.refresh()
    assert any("1 of images that are not there: final/x.nii.gz" in note for note in store.notes())
    assert [version.number for version in anna.label_history("a")] == [1, 2]
    assert content(anna) == content(ben) == "from elsewhere"
    assert content(anna, "b") == content(ben, "b") == "b"
    ben.save_label("b", label_file("ben's"))
    assert Path(anna.get_version_uri("b", 1)).read_text() == "b"
    put(**{"labels/final/a.nii.gz": b"anna's"})
    ben.refresh()
    assert [version.number for version in anna.label_history("a") if version.current] == [1]
    s3.delete_object(Bucket=bucket, Key="scans/labels/final/a.nii.gz")
    anna.refresh()
    ben.refresh()
    assert ben.get_labeled_images() == ["b"]
    assert [version.number for version in ben.label_history("a")] == [1, 2]


def test_machines_that_save_at_the_same_moment_lose_nothing(machines, label_file, get):
    stores = [machines(f"machine {number}") for number in range(3)]
    ready = threading.Barrier(4)

    def save(number: int) -> None:
        ready.wait()
        for turn in range(3):
            stores[number].save_label("b", label_file(f"{number}.{turn}"))

    def refresh() -> None:
        ready.wait()
        for _ in range(3):
            looking.refresh()

    looking = machines("looking")
    threads = [threading.Thread(target=save, args=(number,)) for number in range(3)]
    threads.append(threading.Thread(target=refresh))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    history = looking.label_history("b")
    kept = [Path(looking.get_version_uri("b", version.number)).read_text() for version in history]
    assert sorted(kept) == [f"{number}.{turn}" for number in range(3) for turn in range(3)]
    current = get("labels/final/b.nii.gz").decode()
    for store in stores:
        store.refresh()
        assert store.label_history("b") == looking.label_history("b")
        assert content(store, "b") == current


def test_a_label_whose_row_is_written_while_it_is_taken_in_is_that_version(machines, label_file, monkeypatch):
    anna, ben, looking = machines("anna"), machines("ben"), machines("looking")
    uploaded, noted = threading.Event(), threading.Event()
    put_current, known_version = anna._labels.stored.put_current, looking._labels._uploads.known_version

    def put(*args):
        done = put_current(*args)
        uploaded.set()
        assert noted.wait(60)
        return done

    def look(*args):
        found = known_version(*args)
        assert found is None
        noted.set()
        saving.join()
        return found

    # As where the store was listed before the version was written, and its current label is looked at afterwards.
    monkeypatch.setattr(LabelSync, "_take_in_versions", lambda *_: None)
    monkeypatch.setattr(anna._labels.stored, "put_current", put)
    monkeypatch.setattr(looking._labels._uploads, "known_version", look)
    saving = threading.Thread(target=anna.save_label, args=("a", label_file("anna's")))
    saving.start()
    assert uploaded.wait(60)
    looking.refresh()
    monkeypatch.undo()
    assert [version.number for version in looking.label_history("a")] == [1]
    ben.save_label("a", label_file("ben's_"))
    for store in (anna, ben, looking):
        kept = [Path(store.get_version_uri("a", version.number)).read_text() for version in store.label_history("a")]
        assert kept == ["anna's", "ben's_"]


def test_a_copy_of_a_version_that_is_another_s_is_fetched_anew(machines, label_file):
    anna, ben = machines("anna"), machines("ben")
    anna.save_label("a", label_file("first"))
    copy = Path(ben.get_version_uri("a", 1))
    copy.unlink()
    copy.write_text("other")
    assert Path(ben.get_version_uri("a", 1)).read_text() == "first"


def test_whoever_is_late_with_a_commit_does_not_bring_an_older_label_back(machines, label_file, monkeypatch, get):
    anna, ben = machines("anna"), machines("ben")
    put_current = anna._labels.stored.put_current

    def later(*args):
        ben.save_label("a", label_file("ben's"))
        return put_current(*args)

    monkeypatch.setattr(anna._labels.stored, "put_current", later)
    anna.save_label("a", label_file("anna's"))
    assert content(anna) == content(ben) == get("labels/final/a.nii.gz").decode() == "ben's"
    history = [(version.author, version.current) for version in ben.label_history("a")]
    assert history == [("anna", False), ("ben", True)]
    assert Path(ben.get_version_uri("a", 1)).read_text() == "anna's"


def test_images_that_one_adds_the_others_open(machines, tmp_path, add, label_file):
    anna, ben = machines("anna"), machines("ben")
    anna.save_label("b", label_file("anna's"))
    add(tmp_path / "new", "d.png")
    anna.add_image("d", tmp_path / "new" / "d.png")
    assert ben.list_images() == ["a", "b", "d", "sub/c"]
    assert jlabel.read_image(ben.get_image_uri("d")).shape == jlabel.read_image(anna.get_image_uri("d")).shape
    ben.refresh()
    anna.refresh()
    assert anna.list_images() == ["a", "b", "d", "sub/c"]
    assert content(ben, "b") == "anna's"


def test_many_labels_are_fetched_together(machines, label_file):
    anna, ben = machines("anna"), machines("ben")
    anna.save_labels([NewLabel(name, label_file(name)) for name in ("a", "b", "sub/c")])
    assert [Path(one.label_uri).read_text() for one in ben.labelled_images()] == ["a", "b", "sub/c"]
    with ben._catalogue.read() as connection:
        assert all(ben._labels.is_unchanged(label) for label in label_rows.find_all(connection))


def test_a_job_has_the_shared_catalogue(machines, label_file):
    anna = machines("anna")
    anna.save_label("a", label_file("anna's"))
    again = pickle.loads(pickle.dumps(anna))
    assert again.get_labeled_images() == ["a"]
    again.save_label("b", label_file("by a job"))
    assert content(anna, "b") == "by a job"
    again.close()


def test_other_studies_are_refused_and_the_same_ones_known_on_every_machine(machines, catalogue, put, s3, bucket):
    machines("anna")
    s3.put_object(Bucket=bucket, Key="others/x.png", Body=b"x")
    with pytest.raises(DatastoreError, match=r"is not the catalogue of .* but that of other studies"):
        machines("ben", url=f"s3://{bucket}/others")
    assert machines("ben").list_images() == ["a", "b", "sub/c"]


def test_the_catalogue_of_one_machine_is_moved_and_shared(scans, open_remote, postgres, label_file):
    anna = open_remote("anna", author="anna")
    anna.save_label("a", label_file("one"))
    anna.save_label("a", label_file("two"))
    address = postgres.new_url()
    anna.migrate_catalogue(address)
    ben = open_remote("ben", author="ben", catalogue=address)
    assert [version.author for version in ben.label_history("a")] == ["anna", "anna"]
    assert content(ben) == "two"
    ben.save_label("a", label_file("three"))
    assert content(anna) == "three"
    ben.close()
    anna.migrate_catalogue("sqlite")
    assert content(anna) == "three"


def test_a_server_that_goes_away_in_a_save_and_the_save_is_repeated(scans, open_remote, postgres, label_file, keys):
    anna = open_remote("anna", author="anna", catalogue=postgres.new_url(), timeout=2)
    anna.save_label("a", label_file("one"))

    def write(target: Path) -> None:
        target.write_text("two")
        postgres.stop()

    row = anna._image("a")
    with pytest.raises(DatastoreError):
        anna._labels.save(label_rows.ImageRef(row.pk, row.id), "final", ".nii.gz", write, {}, "anna")
    postgres.start()
    assert [version.author for version in anna.label_history("a")] == ["anna"]
    anna.save_label("a", label_file("two"))
    assert [version.number for version in anna.label_history("a")] == [1, 2]
    assert len(keys(".jlabel/versions")) == 2


def test_people_share_leases_and_apps_are_made_of_both_addresses(scans, bucket, postgres, monkeypatch, tmp_path):
    address = postgres.new_url()
    managers = []
    for name in ("anna", "ben"):
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / name))
        monkeypatch.setenv("JLABEL_USER", name)
        app = jlabel.RadiologyApp(f"s3://{bucket}/scans", ["liver"], catalogue=address)
        managers.append(jlabel.AppManager(app, device="cpu"))
    drawn = [manager.next_image() for manager in managers]
    assert drawn[0] != drawn[1]
    image = managers[0].image(drawn[0])
    managers[0].save_label(drawn[0], np.ones(image.shape, np.uint8))
    assert managers[1].datastore.get_labeled_images() == [drawn[0]]
    for manager in managers:
        assert not isinstance(manager.datastore, LocalDatastore) or manager.datastore.one_machine is False
        manager.close()


def test_workers_elsewhere_share_out_the_images_of_a_bucket(scans, bucket, catalogue, tmp_path, monkeypatch, own_key):
    app = App(f"s3://{bucket}/scans", labels=["cell"], catalogue=catalogue)
    with Cluster(tmp_path) as cluster:
        for number in range(2):
            cluster.add(environment={"XDG_DATA_HOME": str(tmp_path / f"worker {number}")})
        cluster.wait(2)
        manager = jlabel.AppManager(app, device="cpu", runner=cluster.address, lease=5.0)
        job = manager.batch_infer("bright")
        assert job.wait(120)
        assert (job.state, job.result["done"]) == ("done", 3), f"{job.error}\n{job.log}"
        labelled = manager.datastore.labelled_images("original")
        assert [one.image_id for one in labelled] == ["a", "b", "sub/c"]
        assert {one.version.number for one in labelled} == {1}
        assert all(jlabel.read_image(one.label_uri).array.max() <= 1 for one in labelled)
        manager.close()
    assert list(tmp_path.glob("worker */jlabel/remote/*/scans"))
