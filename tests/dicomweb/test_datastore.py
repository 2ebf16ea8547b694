"""Series of a DICOMweb server as images of a datastore."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path

import numpy as np
import pydicom
import pytest

import jlabel
from jlabel.dicomweb import DicomWebDatastore
from jlabel.errors import DatastoreError
from tests.dicomweb.conftest import Open, Pacs
from tests.dicomweb.orthanc import PASSWORD, USER
from tests.dicomweb.small_series import CASE, COLUMNS, ROWS, slices, uid
from tests.dicomweb.small_server import SmallServer, basic


def test_a_series_is_an_image_and_its_slices_are_fetched_when_it_is_opened(pacs: Pacs, open_on: Open) -> None:
    datastore = open_on(pacs)
    assert datastore.list_images() == [CASE]
    assert not datastore.is_fetched(CASE)
    image = jlabel.read_image(datastore.get_image_uri(CASE))
    assert image.shape == (COLUMNS, ROWS, 3)
    assert image.spacing == pytest.approx((0.7, 0.7, 2.5))
    assert [image.array[0, 0, k] for k in range(3)] == [-1000, -900, -800]
    assert datastore.is_fetched(CASE)
    assert datastore.patients() == {CASE: "P1"}


def test_what_has_come_gone_or_grown_on_the_server_is_seen_after_refresh(pacs: Pacs, open_on: Open) -> None:
    datastore = open_on(pacs)
    datastore.get_image_uri(CASE)
    pacs.put(*slices(1, first=3), *slices(2, "coronal", SeriesNumber=4))
    datastore.refresh()
    assert datastore.list_images() == [CASE, "P1/20240102_Thorax/4_coronal"]
    assert jlabel.read_image(datastore.get_image_uri(CASE)).shape == (COLUMNS, ROWS, 4)
    pacs.remove(uid("series", "coronal"))
    datastore.refresh()
    assert datastore.list_images() == [CASE]
    assert datastore.status()["missing"] == 1


def test_a_series_that_is_gone_when_it_is_opened_is_named(pacs: Pacs, open_on: Open) -> None:
    datastore = open_on(pacs)
    pacs.remove(uid("series", "axial"))
    with pytest.raises(DatastoreError, match=r"image .* is gone"):
        datastore.get_image_uri(CASE)
    assert datastore.list_images() == []


def test_a_query_narrows_the_search_and_is_studies_of_its_own(pacs: Pacs, open_on: Open) -> None:
    pacs.put(*slices(2, "other", StudyInstanceUID=uid("study 2"), PatientID="P2", SeriesNumber=1))
    assert len(open_on(pacs).list_images()) == 2
    narrowed = open_on(pacs, query={"PatientID": "P2"})
    assert narrowed.list_images() == ["P2/20240102_Thorax/1_other"]
    assert narrowed.folder != open_on(pacs, "all").folder
    with pytest.raises(DatastoreError, match="'Patient' is no DICOM keyword"):
        DicomWebDatastore(pacs.url, query={"Patient": "P2"})


def test_segmentations_and_contours_lie_with_their_images(shared_data: Path, pacs: Pacs, open_on: Open) -> None:
    folder = shared_data / "dicom_seg_rt" / "dcmqi"
    pacs.put(*(pydicom.dcmread(file) for file in [*folder.glob("ct-3slice/*.dcm"), folder / "liver.dcm"]))
    manager = jlabel.AppManager(jlabel.RadiologyApp(open_on(pacs), ["liver"]), device="cpu")
    (found,) = manager.dicom_labels()
    assert found.images == ("99000/20030417/2_CT",)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert manager.import_dicom_label(found).voxels == {"liver": 107_098}
    # What was imported is a label of jlabel's, which is stored beside the other.
    assert len(pacs.datasets(Modality="SEG")) == 2
    manager.close()


def test_all_pages_are_read_and_other_objects_than_images_are_not_asked_for(small: SmallServer, open_on: Open) -> None:
    for number in range(5):
        small.put(*slices(1, f"s{number}", SeriesNumber=10 + number))
    small.put(*slices(1, "report", Modality="SR"))
    assert len(open_on(small).list_images()) == 6
    assert not any(uid("series", "report") in one for one in small.asked)


def test_ids_hold_no_name_of_a_patient_and_nothing_that_is_a_path(small: SmallServer, open_on: Open) -> None:
    hostile = {
        "PatientID": "../../etc",
        "StudyDescription": "<script>alert(1)</script>",
        "SeriesDescription": "a/../b\r\n",
    }
    small.put(*slices(2, "hostile", StudyInstanceUID=uid("study 3"), SeriesNumber=1, **hostile))
    small.put(*slices(2, "twin", StudyInstanceUID=uid("study 3"), SeriesNumber=1, **hostile))
    small.put(*slices(2, "hidden", StudyInstanceUID=uid("study 4"), PatientID="labels", SeriesNumber=1))
    datastore = open_on(small)
    found = datastore.list_images()
    assert len(found) == 4
    assert "etc/20240102_script_alert_1_script/1_a_.._b" in found
    assert "labels_/20240102_Thorax/1_hidden" in found
    assert not any("Doe" in one or "Jane" in one for one in found)
    listed = b"".join(file.read_bytes() for file in datastore.folder.rglob("*") if file.is_file())
    assert b"Doe" not in listed
    assert {file.relative_to(datastore.folder).parts[0] for file in datastore.folder.rglob("*.dcm")} >= {"etc", "P1"}
    for image_id in found:
        assert jlabel.read_image(datastore.get_image_uri(image_id)).ndim == 3


def test_a_slice_alone_is_an_image_too(small: SmallServer, open_on: Open) -> None:
    plain = slices(1, "picture", SeriesNumber=9)
    for name in ("ImagePositionPatient", "ImageOrientationPatient"):
        del plain[0][name]
    small.put(*plain)
    datastore = open_on(small)
    (image_id,) = set(datastore.list_images()) - {CASE}
    assert image_id.startswith("P1/20240102_Thorax/9_picture/1-")
    image = jlabel.read_image(datastore.get_image_uri(image_id))
    datastore.save_label(image_id, np.ones(image.shape, np.uint8), image=image)
    (stored,) = small.datasets(Modality="SEG")
    assert stored.pixel_array.sum() == ROWS * COLUMNS


def test_credentials_come_from_the_environment_or_netrc_and_are_written_nowhere(
    small: SmallServer, open_on: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    small.credentials = basic(USER, PASSWORD)
    with pytest.raises(DatastoreError, match=r"401.*JLABEL_DICOMWEB_USERNAME"):
        open_on(small)
    assert open_on(small, "given", auth=(USER, PASSWORD)).list_images() == [CASE]
    with pytest.raises(DatastoreError, match="do not go to the process of a job"):
        pickle.dumps(open_on(small, "given", auth=(USER, PASSWORD)))
    netrc = tmp_path / "netrc-file"
    netrc.write_text(f"machine 127.0.0.1 login {USER} password {PASSWORD}\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert open_on(small, "netrc").list_images() == [CASE]
    small.credentials = "Bearer a-token-of-mine"
    monkeypatch.setenv("JLABEL_DICOMWEB_TOKEN", "a-token-of-mine")
    datastore = open_on(small, "token")
    assert PASSWORD not in repr(datastore)
    again = pickle.loads(pickle.dumps(datastore))
    assert Path(again.get_image_uri(CASE)).is_dir()
    again.close()
    netrc.unlink()
    kept = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    assert not any(PASSWORD.encode() in text or b"a-token-of-mine" in text for text in kept)
    with pytest.raises(DatastoreError) as caught:
        DicomWebDatastore(f"http://{USER}:{PASSWORD}@127.0.0.1/dicom-web")
    assert PASSWORD not in str(caught.value)


def test_an_address_is_all_that_an_app_needs(small: SmallServer) -> None:
    app = jlabel.RadiologyApp(studies=small.url.replace("http://", "dicomweb://"), labels=["liver"])
    assert isinstance(app.datastore, DicomWebDatastore)
    manager = jlabel.AppManager(app, device="cpu")
    assert manager.image(CASE).shape == (COLUMNS, ROWS, 3)
    manager.close()
    folder = app.datastore.folder
    app.datastore.close()
    again = jlabel.RadiologyApp(studies=folder, labels=["liver"])  # the folder stands for them
    assert again.datastore.list_images() == [CASE]
    again.datastore.close()
