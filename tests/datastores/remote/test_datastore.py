"""Studies in a bucket: opened, read, replaced, added to, reopened by a job."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest

import jlabel
from jlabel.datastores import LocalDatastore
from jlabel.errors import DatastoreError
from jlabel.imaging import read_image
from tests.imaging.samples import nifti


@pytest.fixture
def volume(tmp_path: Path):
    """Makes the bytes of a small NIfTI volume that holds one value."""

    def make(value: int = 0, shape: tuple[int, ...] = (6, 5, 4)) -> bytes:
        file = tmp_path / "made.nii.gz"
        nifti(file, np.full(shape, value, np.int16))
        return file.read_bytes()

    return make


def test_an_app_is_made_of_a_url(bucket, put, volume):
    put(**{"a.nii.gz": volume(3), "sub/b.nii.gz": volume(4)})
    app = jlabel.RadiologyApp(studies=f"s3://{bucket}/scans", labels=["liver"])
    assert isinstance(app.datastore, jlabel.RemoteDatastore)
    assert app.datastore.list_images() == ["a", "sub/b"]
    assert app.datastore.name() == "scans"
    assert app.datastore.status()["folder"] == f"s3://{bucket}/scans"
    image = read_image(app.datastore.get_image_uri("sub/b"))
    assert image.array.max() == 4
    app.datastore.close()


def test_real_studies_are_found_and_read_as_in_a_folder(s3, bucket, open_remote, shared_data, tmp_path):
    """Volumes, pictures, pairs of files, series of DICOM: one bucket, and the same folder on a disk."""
    folder = tmp_path / "folder"
    for part in ("dicom_seg_rt/rt_utils", "dicom_seg_rt/dcmqi/23x38x3", "odd_files/real"):
        if (shared_data / part).is_dir():
            shutil.copytree(shared_data / part, folder / part, copy_function=shutil.copyfile)
    (folder / "pair.mhd").write_text(
        "ObjectType = Image\nNDims = 3\nDimSize = 3 2 2\nElementType = MET_UCHAR\nElementDataFile = voxels.raw\n"
    )
    (folder / "voxels.raw").write_bytes(bytes(range(12)))
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.stat().st_size < 2**19:
            s3.put_object(Bucket=bucket, Key=f"scans/{file.relative_to(folder)}", Body=file.read_bytes())
        elif file.is_file():
            file.unlink()
    local, remote = LocalDatastore(folder), open_remote()
    assert remote.list_images() == local.list_images()
    assert len(remote.list_images()) > 8
    assert [note for note in remote.notes() if "left out" in note] == [
        note for note in local.notes() if "left out" in note
    ]
    for image_id in local.list_images():
        assert _content(remote.get_image_uri(image_id)) == _content(local.get_image_uri(image_id)), image_id
    assert dict(remote.dicom_contents().series) == dict(local.dicom_contents().series)
    assert [file.read_bytes() for file in remote.dicom_contents().labels] == [
        file.read_bytes() for file in local.dicom_contents().labels
    ]
    local.close()


def _content(uri: str) -> object:
    try:
        image = read_image(uri)
    except jlabel.ImageError as error:
        return error.reason
    return image.shape, image.array.tobytes(), image.affine.tolist()


def test_nothing_is_downloaded_until_an_image_is_opened_and_then_once(put, volume, open_remote, proxy):
    put(**{"a.nii.gz": volume(1), "b.nii.gz": volume(2)})
    store = open_remote()
    assert not [path for method, path in proxy.requests if method == "GET" and path.endswith(".nii.gz")]
    assert not store.is_fetched("a")
    read_image(store.get_image_uri("a"))
    assert store.is_fetched("a")
    before = len(proxy.requests)
    read_image(store.get_image_uri("a"))
    assert len(proxy.requests) == before
    assert open_remote().is_fetched("a")


def test_an_object_that_was_replaced_is_read_anew(put, volume, open_remote, monkeypatch):
    put(**{"a.nii.gz": volume(1)})
    store = open_remote()
    assert read_image(store.get_image_uri("a")).array.max() == 1
    put(**{"a.nii.gz": volume(2)})
    monkeypatch.setattr("jlabel.datastores.remote.fetched_studies._FRESH_SECONDS", 0.0)
    assert read_image(store.get_image_uri("a")).array.max() == 2
    put(**{"a.nii.gz": volume(3)})
    monkeypatch.undo()


def test_what_came_and_went_is_found_by_a_refresh(s3, bucket, put, volume, open_remote):
    put(**{"a.nii.gz": b"no image at all", "b.nii.gz": volume(2)})
    manager = jlabel.AppManager(jlabel.RadiologyApp(open_remote(), ["liver"]), device="cpu")
    store = manager.datastore
    with pytest.raises(jlabel.ImageError):
        manager.image("a")
    assert store.status()["unreadable"] == 1
    put(**{"a.nii.gz": volume(1), "c.nii.gz": volume(3)})
    s3.delete_object(Bucket=bucket, Key="scans/b.nii.gz")
    store.refresh()
    assert store.list_images() == ["a", "c"]
    assert store.status()["unreadable"] == 0
    assert manager.image("a").array.max() == 1
    s3.delete_object(Bucket=bucket, Key="scans/c.nii.gz")
    with pytest.raises(DatastoreError, match=r"c\.nii\.gz: image 'c' is gone"):
        store.get_image_uri("c")
    assert store.list_images() == ["a"]
    manager.close()


def test_images_are_added_and_never_written_over(put, volume, open_remote, tmp_path, get):
    put(**{"a.nii.gz": volume(1)})
    store = open_remote()
    new = tmp_path / "new.nii.gz"
    new.write_bytes(volume(5))
    assert store.add_image("sub/new", new, {"from": "here"}) == "sub/new"
    assert get("sub/new.nii.gz") == new.read_bytes()
    assert store.get_image_info("sub/new") == {"from": "here"}
    assert open_remote("there").list_images() == ["a", "sub/new"]
    with pytest.raises(DatastoreError, match="already the id of an image"):
        store.add_image("a", new)
    put(**{"late.nii.gz": volume(2)})
    with pytest.raises(DatastoreError, match="not written over"):
        store.add_image("late", new)
    assert get("late.nii.gz") == volume(2)


def test_a_job_opens_the_same_studies_without_the_credentials(put, volume, open_remote, proxy):
    put(**{"a.nii.gz": volume(1)})
    store = open_remote(author="Ada")
    store.get_image_uri("a")
    sent = pickle.dumps(store)
    before = len(proxy.requests)
    again = pickle.loads(sent)
    assert again.list_images() == ["a"]
    assert again.get_image_uri("a") == store.get_image_uri("a")
    assert (again.author, again.folder) == ("Ada", store.folder)
    assert all(method == "HEAD" for method, _ in proxy.requests[before:])
    again.close()


def test_secrets_are_in_no_file_and_go_nowhere(put, volume, open_remote, tmp_path, s3_server):
    put(**{"a.nii.gz": volume(1)})
    options = {"key": "another-id", "secret": "a-password-of-mine", "client_kwargs": {"endpoint_url": s3_server}}
    store = open_remote(storage_options=options)
    store.save_label("a", np.ones((6, 5, 4), np.uint8))
    with pytest.raises(DatastoreError, match="credentials in storage_options") as refused:
        pickle.dumps(store)
    shown = [str(refused.value), repr(store), repr(store.status()), store._repr_html_()]
    assert not [text for text in shown if "a-password-of-mine" in text]
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert not [file for file in files if b"a-password-of-mine" in file.read_bytes()]
    with pytest.raises(DatastoreError, match="holds a password") as refused:
        open_remote(url="sftp://mia:hidden@host/scans")
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("s3://no-such-bucket-here/scans", "there is no such place of studies"),
        ("s3://BUCKET/scasn", "no object's name begins with it"),
        ("nonsense://x/scans", "Protocol not known: nonsense"),
    ],
)
def test_a_place_that_is_none_is_named(put, volume, open_remote, bucket, tmp_path, url, said):
    put(**{"a.nii.gz": volume(1)})
    url = url.replace("BUCKET", bucket)
    with pytest.raises(DatastoreError, match=said) as refused:
        open_remote(url=url)
    assert url in str(refused.value)
    assert not list((tmp_path / "here").rglob("*.sqlite"))


def test_names_that_can_be_no_files_are_left_out_and_said(s3, bucket, put, volume, open_remote, tmp_path):
    put(**{"a.nii.gz": volume(1), "sub\\b.nii.gz": volume(2), ".x/c.nii.gz": volume(2), "d/": b"", "e": b"e"})
    s3.put_object(Bucket=bucket, Key="scans/e/f.nii.gz", Body=volume(1))
    before = set(tmp_path.iterdir())
    store = open_remote()
    assert [name for name in store.list_images() if not name.startswith("e")] == ["a"]
    assert any("objects are left out" in note and "b.nii.gz" in note for note in store.notes())
    assert set(tmp_path.iterdir()) == {*before, tmp_path / "here"}
