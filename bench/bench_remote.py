"""Opening an image of 60 MB from S3: the first time, over a bare download and a read; and again, over a read from disk.

The server is moto's, on this machine. The bare download is the quickest of three ways to get the object into a file:
boto3's stream, boto3's transfer in parts, and s3fs. Each is taken in turn with opening the image, from an empty cache.
``python -m bench.bench_remote``.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np

from bench.report import emit
from jlabel.datastores import RemoteDatastore
from jlabel.imaging import read_image

SHAPE = (320, 320, 300)
ROUNDS = 15
FIRST_BAR, AGAIN_BAR = 1.2, 1.1
SAVE_ROUNDS = 15


def main() -> int:
    work = Path(tempfile.mkdtemp(prefix="jlabel-bench-"))
    os.environ |= {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_DEFAULT_REGION": "us-east-1"}
    server, address = start_server(work)
    os.environ["AWS_ENDPOINT_URL"] = address
    try:
        return 0 if measure(work) else 1
    finally:
        server.kill()
        server.wait()
        shutil.rmtree(work)


def start_server(work: Path) -> tuple[subprocess.Popen[bytes], str]:
    """In a process of its own: it shares no lock with what is measured."""
    code = (
        "import logging, sys, time\nfrom moto.server import ThreadedMotoServer\n"
        "logging.getLogger('werkzeug').setLevel(logging.ERROR)\n"
        "server = ThreadedMotoServer('127.0.0.1', 0, verbose=False)\nserver.start()\n"
        "print('%s %s' % server.get_host_and_port(), flush=True)\ntime.sleep(3600)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=work)
    assert process.stdout is not None
    host, port = process.stdout.readline().decode().split()
    return process, f"http://{host}:{port}"


def measure(work: Path) -> bool:
    import boto3

    logging.getLogger("botocore").setLevel(logging.ERROR)
    volume = work / "volume.nii"
    voxels = np.random.default_rng(0).integers(-1000, 3000, SHAPE, dtype=np.int16)
    nib.save(nib.Nifti1Image(voxels, np.eye(4)), volume)
    client = boto3.client("s3")
    client.create_bucket(Bucket="bench")
    client.upload_file(str(volume), "bench", "scans/volume.nii")
    store = RemoteDatastore("s3://bench/scans", cache=work / "cache")
    ways, target = bare_downloads(client), work / "bare.nii"
    quickest = min(ways, key=lambda way: min(timed(lambda: way(target)) for _ in range(3)))

    def local_read() -> None:
        read_image(volume)

    def open_first() -> None:
        read_image(store.get_image_uri("volume"))

    first, floors, again, reads = [], [], [], []
    for _ in range(ROUNDS):
        store._studies.cache.forget(["volume.nii"])
        store._studies._checked.clear()
        target.unlink(missing_ok=True)
        floors.append(timed(lambda: quickest(target)) + timed(lambda: read_image(target)))
        first.append(timed(open_first))
        for _ in range(3):
            reads.append(timed(local_read))
            again.append(timed(open_first))
    good = emit("remote.open_first.60MB", first, "ms", floors, bar_over_floor=FIRST_BAR, way=quickest.__name__)
    good &= emit("remote.open_again.60MB", again, "ms", reads, bar_over_floor=AGAIN_BAR)
    good &= measure_saving(client, store, work)
    store.close()
    return good


def measure_saving(client: object, store: RemoteDatastore, work: Path) -> bool:
    """A label of 50 kB: over the two puts that it is, the version and the current one."""
    label = work / "label.nii.gz"
    saves, puts = [], []
    for number in range(SAVE_ROUNDS):
        data = os.urandom(50_000)
        label.write_bytes(data)
        saves.append(timed(lambda: store.save_label("volume", label)))

        def put_both(number: int = number, data: bytes = data) -> None:
            client.put_object(Bucket="bench", Key=f"bare/v{number}", Body=data, IfNoneMatch="*")  # type: ignore[attr-defined]
            client.put_object(Bucket="bench", Key="bare/current", Body=data)  # type: ignore[attr-defined]

        puts.append(timed(put_both))
    return emit("remote.save_label", saves, "ms", puts)


def bare_downloads(client: object) -> list[Callable[[Path], None]]:
    import s3fs

    system = s3fs.S3FileSystem(use_listings_cache=False)

    def boto3_stream(target: Path) -> None:
        body = client.get_object(Bucket="bench", Key="scans/volume.nii")["Body"]  # type: ignore[attr-defined]
        with target.open("wb") as out:
            for chunk in body.iter_chunks(1 << 20):
                out.write(chunk)

    def boto3_transfer(target: Path) -> None:
        client.download_file("bench", "scans/volume.nii", str(target))  # type: ignore[attr-defined]

    def s3fs_get(target: Path) -> None:
        system.get_file("bench/scans/volume.nii", str(target))

    return [boto3_stream, boto3_transfer, s3fs_get]


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    sys.exit(main())
