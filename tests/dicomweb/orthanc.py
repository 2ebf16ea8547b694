"""A real Orthanc for tests, where one is installed."""

from __future__ import annotations

import json
import secrets
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import requests
from dicomweb_client.api import DICOMwebClient
from pydicom import Dataset

USER, PASSWORD = "mia", secrets.token_hex(8)
_PLUGINS = ("/usr/share/orthanc/plugins", "/usr/lib/orthanc", "/usr/lib/x86_64-linux-gnu/orthanc")


def orthanc_plugin() -> Path | None:
    """The plugin for DICOMweb, where Orthanc is installed with it."""
    if shutil.which("Orthanc", path="/usr/sbin:/usr/bin:/usr/local/bin:/usr/local/sbin") is None:
        return None
    found = (file for folder in _PLUGINS for file in sorted(Path(folder).glob("libOrthancDicomWeb.so*")))
    return next(found, None)


class Orthanc:
    """A server that lets in one user, and keeps what it has in a folder.

    Args:
        folder: Which it has to itself.
    """

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._top = f"http://127.0.0.1:{self.port}"
        self.url = f"{self._top}/dicom-web"
        config = {
            "HttpPort": self.port,
            "DicomServerEnabled": False,
            "AuthenticationEnabled": True,
            "RegisteredUsers": {USER: PASSWORD},
            "StorageDirectory": str(folder / "db"),
            "IndexDirectory": str(folder / "db"),
            "Plugins": [str(orthanc_plugin())],
            "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
        }
        (folder / "orthanc.json").write_text(json.dumps(config))
        program = shutil.which("Orthanc", path="/usr/sbin:/usr/bin:/usr/local/bin:/usr/local/sbin")
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen([str(program), str(folder / "orthanc.json")], stdout=log, stderr=log)
        self._session = requests.Session()
        self._session.auth = (USER, PASSWORD)
        self._wait()

    def close(self) -> None:
        self._session.close()
        self._process.terminate()
        self._process.wait(60)

    def put(self, *datasets: Dataset) -> None:
        DICOMwebClient(self.url, self._session).store_instances(list(datasets))

    def remove(self, uid: str) -> None:
        found = self._session.post(f"{self._top}/tools/lookup", data=uid).json()
        self._session.delete(f"{self._top}{found[0]['Path']}").raise_for_status()

    def clear(self) -> None:
        for patient in self._session.get(f"{self._top}/patients").json():
            self._session.delete(f"{self._top}/patients/{patient}").raise_for_status()

    def datasets(self, **match: str) -> list[Dataset]:
        client: Any = DICOMwebClient(self.url, self._session)
        found = []
        for one in client.search_for_instances(search_filters=match):
            uids = [one[tag]["Value"][0] for tag in ("0020000D", "0020000E", "00080018")]
            found.append(client.retrieve_instance(*uids, media_types=(("application/dicom", "*"),)))
        return sorted(found, key=lambda one: str(one.SOPInstanceUID))

    def _wait(self) -> None:
        for _ in range(600):
            try:
                self._session.get(f"{self._top}/system", timeout=5).raise_for_status()
            except requests.RequestException:
                if self._process.poll() is not None:
                    raise RuntimeError("Orthanc has ended") from None
                time.sleep(0.1)
            else:
                return
        raise RuntimeError("Orthanc does not answer")
