"""The contract server: CVAT's own SDK reads its answers, and it goes wrong as it is told to."""

from __future__ import annotations

import base64
import io
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.cvat.server import ContractServer, Fault
from tests.cvat.server.calls import ROUTES
from tests.cvat.server.masks import decoded, encoded
from tests.cvat.server.records import Frame

ROOT = Path(__file__).resolve().parents[2]
NEW, OLD, OLDEST = "2.80.0", "2.47.0", "2.15.0"


def png(width: int = 8, height: int = 6) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.zeros((height, width, 3), np.uint8)).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def server() -> Iterator[ContractServer]:
    with ContractServer() as server:
        yield server


@pytest.fixture
def connect() -> Iterator[Callable[..., httpx.Client]]:
    """Connections of users who are logged in."""
    opened: list[httpx.Client] = []

    def connect(server: ContractServer, user: str | None = "ann", **headers: str) -> httpx.Client:
        client = httpx.Client(base_url=server.url, headers=headers, timeout=20, verify=False)
        opened.append(client)
        if user is not None:
            given = {"username": user, "password": server.users[user]}
            client.headers["Authorization"] = "Token " + client.post("/api/auth/login", json=given).json()["key"]
            client.cookies.clear()
        return client

    yield connect
    for client in opened:
        client.close()


@pytest.fixture
def http(server: ContractServer, connect: Callable[..., httpx.Client]) -> httpx.Client:
    return connect(server)


def make_task(http: httpx.Client, names: tuple[str, ...] = ("a.png", "b.png", "c.png"), **fields: Any) -> int:
    """A task whose pictures are sent in one request, and which is made; returns its id."""
    options = {name: fields.pop(name) for name in ("sorting_method", "upload_file_order") if name in fields}
    spec = {"name": "round 1", "labels": [{"name": "cell", "type": "mask"}], **fields}
    task = http.post("/api/tasks", json=spec).json()["id"]
    files = [(f"client_files[{number}]", (name, png())) for number, name in enumerate(names)]
    form = {"image_quality": "90"}
    for name, value in options.items():
        form |= {name: value} if isinstance(value, str) else {f"{name}[{n}]": one for n, one in enumerate(value)}
    answer = http.post(f"/api/tasks/{task}/data", data=form, files=files)
    assert answer.status_code == 202
    for _ in range(2):
        http.get(f"/api/tasks/{task}/status")
    return int(task)


def names_of(http: httpx.Client, task: int) -> list[str]:
    return [frame["name"] for frame in http.get(f"/api/tasks/{task}/data/meta").json()["frames"]]


def jobs_of(http: httpx.Client, task: int) -> list[dict[str, Any]]:
    return http.get("/api/jobs", params={"task_id": task, "sort": "id", "page_size": 100}).json()["results"]


def label_of(http: httpx.Client, task: int) -> int:
    return http.get("/api/labels", params={"task_id": task}).json()["results"][0]["id"]


def shape(http: httpx.Client, task: int, frame: int = 0, points: Any = (1, 8, 2, 4, 1, 2, 1, 5, 4), **more: Any) -> Any:
    return {"type": "mask", "frame": frame, "label_id": label_of(http, task), "points": list(points), **more}


# What the SDK says of the answers


@pytest.fixture
def sdk(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The SDK; answers that have a field which its models lack fail."""
    sdk = pytest.importorskip("cvat_sdk")
    from cvat_sdk.api_client.api_client import ApiClient

    right = ApiClient.deserialize

    def deserialize(self: Any, response: Any, schema: Any, *, _check_type: bool) -> Any:
        assert _check_type
        if "json" in response.headers["Content-Type"]:
            assert fields_unknown_to(schema[0], json.loads(response.data)) == []
        return right(self, response, schema, _check_type=_check_type)

    monkeypatch.setattr(ApiClient, "deserialize", deserialize)
    return sdk


def fields_unknown_to(model: Any, answer: Any) -> list[str]:
    if isinstance(model, list) and isinstance(answer, list):
        return [name for one in answer for name in fields_unknown_to(model[0], one)]
    if not isinstance(answer, dict) or not getattr(model, "openapi_types", None):
        return []
    types = model.openapi_types
    unknown = [f"{model.__name__}.{name}" for name in answer if name not in types]
    known = [(types[name], value) for name, value in answer.items() if name in types]
    parts = [(kind[0] if isinstance(kind, tuple) else kind, value) for kind, value in known]
    return unknown + [name for kind, value in parts for name in fields_unknown_to(kind, value)]


def log_in(sdk: Any, server: ContractServer, user: str = "ann") -> Any:
    client = sdk.Client(server.url, config=sdk.Config(status_check_period=0.01))
    client.login((user, server.users[user]))
    return client


def pictures(folder: Path, *names: str) -> list[Path]:
    for name in names:
        (folder / name).write_bytes(png())
    return [folder / name for name in names]


def use_accounts(sdk: Any, client: Any, server: ContractServer) -> None:
    api = client.api_client
    assert client.users.retrieve_current_user().username == "ann"
    assert api.users_api.list(search="bo")[0].results[0].username == "bob"
    assert api.users_api.retrieve(server.person("bob").id)[0].username == "bob"
    made = server.add_organization("lab", "ann", {"bob": "worker"})
    assert [one.slug for one in client.organizations.list()] == ["lab"]
    assert api.organizations_api.retrieve(made.id)[0].owner.username == "ann"
    assert {one.user.username for one in api.memberships_api.list(x_organization="lab")[0].results} == {"ann", "bob"}


def use_projects(sdk: Any, client: Any) -> int:
    project = client.projects.create(
        {"name": "cells", "labels": [{"name": "cell", "type": "mask", "color": "#ff0000"}]}
    )
    assert [one.id for one in client.projects.list()] == [project.id]
    project.update({"labels": [{"name": "debris", "type": "any"}]})
    labels = project.get_labels()
    assert [(one.name, one.type) for one in labels] == [("cell", "mask"), ("debris", "any")]
    api = client.api_client.labels_api
    api.partial_update(labels[1].id, patched_label_request=sdk.models.PatchedLabelRequest(name="dirt"))
    assert api.retrieve(labels[1].id)[0].name == "dirt"
    api.destroy(labels[1].id)
    assert len(client.projects.retrieve(project.id).get_labels()) == 1
    client.projects.create({"name": "unused"}).remove()
    return int(project.id)


def use_tasks(sdk: Any, client: Any, project: int, folder: Path) -> Any:
    spec = {"name": "round 1", "project_id": project, "segment_size": 2, "initial_replicas": 2}
    task = client.tasks.create_from_data(spec, pictures(folder, "a.png", "b.png", "c.png"))
    assert (task.size, task.segment_size, task.initial_replicas, task.jobs.count) == (3, 2, 2, 6)
    task.update({"subset": "train"})
    assert [one.subset for one in client.tasks.list()] == ["train"]
    assert client.tasks.retrieve(task.id).project_name == "cells"
    assert [frame.name for frame in task.get_frames_info()] == ["a.png", "b.png", "c.png"]
    task.remove_frames_by_ids([1])
    assert task.get_meta().deleted_frames == [1]
    assert task.get_frame(2).read() == png()
    assert [one.name for one in task.get_labels()] == ["cell"]
    requests, _ = client.api_client.requests_api.list(task_id=task.id)
    assert (requests.results[0].status.value, requests.results[0].operation.type) == ("finished", "create:task")
    assert client.api_client.tasks_api.retrieve_status(task.id)[0].state.value == "Finished"
    client.tasks.create({"name": "unused"}).remove()
    return task


def use_jobs(sdk: Any, client: Any, task: Any) -> None:
    spec = {"type": "ground_truth", "task_id": task.id, "frame_selection_method": "manual", "frames": [0, 2]}
    truth, _ = client.api_client.jobs_api.create(spec)
    jobs = {job.id: job for job in task.get_jobs()}
    assert sorted(job.type for job in jobs.values()) == ["annotation"] * 2 + ["ground_truth"] + ["replica"] * 4
    meta = jobs[truth.id].get_meta()
    assert (meta.included_frames, meta.size, [one.name for one in meta.frames][1]) == ([0, 2], 2, "placeholder.jpg")
    jobs[truth.id].remove_frames_by_ids([2])
    client.api_client.jobs_api.destroy(truth.id)
    first = client.jobs.retrieve(min(jobs))
    first.update({"stage": "validation", "assignee": client.users.retrieve_current_user().id})
    assert (first.stage, first.state, first.assignee.username, first.replicas_count) == ("validation", "new", "ann", 2)
    assert first.get_frame(0, quality="original").read() == png()
    assert [one.name for one in first.get_labels()] == ["cell"]
    assert client.jobs.list(assignee="ann")[0].id == first.id


def use_annotations(sdk: Any, client: Any, task: Any) -> None:
    from cvat_sdk.masks import decode_mask, encode_mask

    mask = np.zeros((6, 8), bool)
    mask[1:4, 2:5] = True
    mask[1, 2] = False
    spec = {"type": "mask", "frame": 2, "label_id": task.get_labels()[0].id, "points": encode_mask(mask)}
    last = client.jobs.retrieve(max(job.id for job in task.get_jobs() if job.type == "annotation"))
    for holder in (task, last):
        request = sdk.models.LabeledShapeRequest(**spec)
        tag = sdk.models.LabeledImageRequest(frame=2, label_id=spec["label_id"])
        holder.set_annotations(sdk.models.LabeledDataRequest(shapes=[request], tags=[tag]))
        found = holder.get_annotations()
        assert np.array_equal(decode_mask(found.shapes[0].points, image_width=8, image_height=6), mask)
        more = sdk.models.PatchedLabeledDataRequest(shapes=[sdk.models.LabeledShapeRequest(**spec)])
        holder.update_annotations(more, action=sdk.core.proxies.annotations.AnnotationUpdateAction.CREATE)
        assert len(holder.get_annotations().shapes) == 2
        holder.remove_annotations(ids=[found.shapes[0].id])
        assert len(holder.get_annotations().shapes) == 1
        holder.remove_annotations()
        assert (holder.get_annotations().shapes, holder.get_annotations().tags) == ([], [])


def use_issues(sdk: Any, client: Any, task: Any) -> None:
    job = task.get_jobs()[-1]
    client.issues.create({"frame": 0, "position": [3.0, 2.0], "job": job.id, "message": "a cell?"})
    (issue,) = job.get_issues()
    issue.update({"resolved": True})
    assert client.issues.retrieve(issue.id).resolved
    client.comments.create({"issue": issue.id, "message": "yes"})
    assert [one.message for one in client.api_client.comments_api.list(sort="id")[0].results] == ["a cell?", "yes"]


def test_the_sdk_reads_all_answers(sdk: Any, server: ContractServer, tmp_path: Path) -> None:
    with log_in(sdk, server) as client:
        use_accounts(sdk, client, server)
        task = use_tasks(sdk, client, use_projects(sdk, client), tmp_path)
        use_jobs(sdk, client, task)
        use_annotations(sdk, client, task)
        use_issues(sdk, client, task)
        client.logout()
    asked = {(one.method, route.path.pattern) for one in server.requests for route in ROUTES if route_of(route, one)}
    pieces = {(route.method, route.path.pattern) for route in ROUTES if "[0-9a-f]" in route.path.pattern}
    assert {(route.method, route.path.pattern) for route in ROUTES} - asked - pieces == set()
    assert [one.status for one in server.requests if one.status is None or one.status >= 400] == []


def route_of(route: Any, logged: Any) -> bool:
    return route.method == logged.method and route.path.fullmatch(logged.path) is not None


def test_the_sdk_uploads_large_files_piece_by_piece(sdk: Any, server: ContractServer, tmp_path: Path) -> None:
    from cvat_sdk.core import uploading

    files = pictures(tmp_path, "b.png", "a.png")
    server.faults.add(Fault("PATCH", "/data/", kind="cut_body", keep=20))
    with log_in(sdk, server) as client:
        task = client.tasks.create({"name": "t", "labels": [{"name": "cell"}]})
        uploader = uploading.DataUploader(client, max_request_size=10)
        address = f"{server.url}/api/tasks/{task.id}/data/"
        answer = uploader.upload_files(address, files, image_quality=70, sorting_method="predefined")
        client.wait_for_completion(json.loads(answer.data)["rq_id"])
        assert [frame.name for frame in task.get_frames_info()] == ["b.png", "a.png"]
    assert server.uploaded(task.id) == {"a.png": png(), "b.png": png()}
    assert sorted(server.uploads) == [(task.id, "a.png"), (task.id, "b.png")]


@pytest.mark.parametrize("read_only", [False, True])
def test_the_sdk_uses_an_access_token(sdk: Any, server: ContractServer, read_only: bool) -> None:
    from cvat_sdk.api_client.exceptions import ForbiddenException

    token = server.add_access_token("bob", read_only)
    with sdk.make_client(server.url, access_token=token) as client:
        assert client.users.retrieve_current_user().username == "bob"
        if read_only:
            with pytest.raises(ForbiddenException):
                client.projects.create({"name": "p"})
        else:
            assert client.projects.create({"name": "p"}).owner.username == "bob"


def test_the_sdk_hears_why_a_task_could_not_be_made(sdk: Any, server: ContractServer, tmp_path: Path) -> None:
    from cvat_sdk.core.exceptions import BackgroundRequestException

    (tmp_path / "a.png").write_bytes(b"no picture")
    with log_in(sdk, server) as client, pytest.raises(BackgroundRequestException, match=r"cannot identify .*'a\.png'"):
        client.tasks.create_from_data({"name": "t", "labels": [{"name": "cell"}]}, [tmp_path / "a.png"])


# Who asks


def test_nobody_gets_anything_but_the_version_without_logging_in(server, connect):
    stranger = connect(server, None)
    assert stranger.get("/api/server/about").json()["version"] == NEW
    answer = stranger.get("/api/projects")
    assert (answer.status_code, answer.json()) == (401, {"detail": "Authentication credentials were not provided."})
    assert stranger.get("/api/projects", headers={"Authorization": "Token wrong"}).json() == {
        "detail": "Invalid token."
    }


def test_a_wrong_password_is_a_bad_request(server, connect):
    answer = connect(server, None).post("/api/auth/login", json={"username": "ann", "password": "wrong"})
    assert answer.status_code == 400
    assert answer.json() == {"non_field_errors": ["Unable to log in with provided credentials."]}


def test_logging_in_twice_gives_the_same_key_until_logging_out(server, connect):
    first, second = connect(server), connect(server)
    assert first.headers["Authorization"] == second.headers["Authorization"]
    first.post("/api/auth/logout")
    assert second.get("/api/users/self").status_code == 401


def test_cookies_alone_may_not_write_without_the_token_against_forgery(server, connect):
    browser = connect(server, None)
    browser.post("/api/auth/login", json={"username": "ann", "password": "ann-pass"})
    assert browser.get("/api/users/self").json()["username"] == "ann"
    assert browser.post("/api/projects", json={"name": "p"}).status_code == 403
    with_token = {"X-CSRFToken": browser.cookies["csrftoken"]}
    assert browser.post("/api/projects", json={"name": "p"}, headers=with_token).status_code == 201


def test_servers_before_2_48_know_no_access_tokens(connect):
    with ContractServer(OLD) as server:
        answer = connect(server, None, Authorization=f"Bearer {server.add_access_token('ann')}").get("/api/users/self")
    assert (answer.status_code, answer.json()["detail"]) == (401, "Authentication credentials were not provided.")


def test_an_organisation_has_things_of_its_own(server, connect):
    server.add_organization("lab", "ann", {"bob": "worker"})
    ann, bob = connect(server, **{"X-Organization": "lab"}), connect(server, "bob", **{"X-Organization": "lab"})
    project = ann.post("/api/projects", json={"name": "p"}).json()
    assert project["organization_id"] == server.organizations["lab"].id
    assert ann.get("/api/projects").json()["count"] == 1
    assert ann.get("/api/projects", headers={"X-Organization": ""}).json()["count"] == 0
    assert bob.get("/api/projects").json()["count"] == 0
    assert bob.get(f"/api/projects/{project['id']}").status_code == 403
    assert bob.post("/api/projects", json={"name": "q"}).status_code == 403


@pytest.mark.parametrize(
    ("chosen", "status"),
    [({"X-Organization": "lab"}, 403), ({"X-Organization": "nowhere"}, 404), ({"X-Organization": ""}, 200)],
)
def test_an_organisation_that_one_is_not_in_is_refused(server, connect, chosen, status):
    server.add_organization("lab", "bob")
    assert connect(server, **chosen).get("/api/tasks").status_code == status


def test_who_has_a_job_may_finish_it_but_not_pass_it_on(server, connect):
    ann, bob = connect(server), connect(server, "bob")
    task = make_task(ann)
    (job,) = jobs_of(ann, task)
    assert bob.get(f"/api/jobs/{job['id']}").status_code == 403
    server.assign(job["id"], "bob")
    assert [one["id"] for one in jobs_of(bob, task)] == [job["id"]]
    assert bob.patch(f"/api/jobs/{job['id']}", json={"state": "completed"}).json()["state"] == "completed"
    assert bob.patch(f"/api/jobs/{job['id']}", json={"stage": "acceptance"}).status_code == 403
    assert bob.get(f"/api/tasks/{task}").status_code == 403


# Lists, and requests that are wrong


def test_25_projects_are_three_pages_that_link_to_each_other(http):
    for number in range(25):
        http.post("/api/projects", json={"name": f"p{number}"})
    first = http.get("/api/projects").json()
    assert (first["count"], len(first["results"]), first["previous"]) == (25, 10, None)
    second = http.get(first["next"]).json()
    third = http.get(second["next"]).json()
    assert (len(third["results"]), third["next"]) == (5, None)
    assert http.get(third["previous"]).json() == second
    newest_first = [one["name"] for page in (first, second, third) for one in page["results"]]
    assert newest_first == [f"p{number}" for number in reversed(range(25))]
    assert http.get("/api/projects", params={"page": 4}).json() == {"detail": "Invalid page."}


def test_a_page_is_never_longer_than_the_longest(server, http):
    server.max_page_size = 7
    for number in range(9):
        http.post("/api/projects", json={"name": f"p{number}"})
    for asked in ("100", "all"):
        page = http.get("/api/projects", params={"page_size": asked}).json()
        assert (len(page["results"]), page["count"]) == (7, 9)
        assert page["next"]
        assert f"page_size={asked}" in page["next"]


def test_a_list_is_filtered_by_whole_names_and_searched_by_parts(http):
    for name in ("cell", "cells", "Cell walls"):
        http.post("/api/projects", json={"name": name})

    def found(**query: str) -> list[str]:
        return [one["name"] for one in http.get("/api/projects", params={"sort": "id", **query}).json()["results"]]

    assert found(name="cell") == ["cell"]
    assert found(search="cell") == ["cell", "cells", "Cell walls"]
    assert found(filter=json.dumps({"and": [{"==": [{"var": "name"}, "cells"]}]})) == ["cells"]
    assert found(owner="bob") == []


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("GET", "/api/nothing", {}, 404),
        ("PUT", "/api/projects", {}, 405),
        ("GET", "/api/projects/999", {}, 404),
        ("GET", "/api/projects/", {}, 404),
        ("GET", "/api/projects", {"headers": {"Accept": "application/json"}}, 406),
        ("POST", "/api/projects", {"data": {"name": "p"}}, 415),
        ("POST", "/api/projects", {"content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ("POST", "/api/projects", {"json": {"labels": []}}, 400),
        ("POST", "/api/projects", {"json": {"name": "p", "labels": [{"name": "a"}, {"name": "a"}]}}, 400),
        ("POST", "/api/tasks", {"json": {"name": "t", "project_id": 999}}, 400),
        ("POST", "/api/jobs", {"json": {"type": "annotation", "task_id": 1}}, 400),
    ],
)
def test_a_wrong_request_is_refused(http, method, path, options, status):
    assert http.request(method, path, **options).status_code == status


def test_a_task_without_data_says_nothing_of_it(http):
    task = http.post("/api/tasks", json={"name": "t", "labels": [{"name": "cell"}]}).json()
    assert {"size", "data"} & set(task) == set()
    assert http.get(f"/api/tasks/{task['id']}/annotations").status_code == 400


# Data


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["c1.png", "c10.png", "c2.png"]),
        ({"sorting_method": "natural"}, ["c1.png", "c2.png", "c10.png"]),
        ({"sorting_method": "predefined"}, ["c2.png", "c10.png", "c1.png"]),
        (
            {"sorting_method": "predefined", "upload_file_order": ["c1.png", "c2.png", "c10.png"]},
            ["c1.png", "c2.png", "c10.png"],
        ),
    ],
)
def test_frames_are_in_the_order_that_is_asked_for(http, options, expected):
    assert names_of(http, make_task(http, ("c2.png", "c10.png", "c1.png"), **options)) == expected


def test_frames_have_the_size_that_pictures_have_after_their_rotation(server, http):
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[274] = 6
    Image.fromarray(np.zeros((6, 8), np.uint8)).save(stream, "JPEG", exif=exif)
    task = http.post("/api/tasks", json={"name": "t"}).json()["id"]
    server.polls_until_finished = 0
    files = {"client_files[0]": ("folder/turned.jpg", stream.getvalue())}
    http.post(f"/api/tasks/{task}/data", data={"image_quality": "70"}, files=files)
    (frame,) = http.get(f"/api/tasks/{task}/data/meta").json()["frames"]
    assert (frame["name"], frame["width"], frame["height"]) == ("turned.jpg", 6, 8)


@pytest.mark.parametrize(("size", "spans"), [(0, [(0, 4)]), (2, [(0, 1), (2, 3), (4, 4)]), (9, [(0, 4)])])
def test_jobs_are_stretches_of_the_segment_size(http, size, spans):
    task = make_task(http, tuple("abcde"[n] + ".png" for n in range(5)), segment_size=size)
    assert [(job["start_frame"], job["stop_frame"]) for job in jobs_of(http, task)] == spans
    assert http.get(f"/api/tasks/{task}").json()["jobs"]["count"] == len(spans)


@pytest.mark.parametrize(
    ("version", "kind", "given"), [(NEW, "replica", "initial"), (OLD, "consensus_replica", "consensus")]
)
def test_replicas_stand_beside_the_jobs_that_they_repeat(connect, version, kind, given):
    with ContractServer(version) as server:
        http = connect(server)
        task = make_task(http, segment_size=2, **{f"{given}_replicas": 2})
        jobs = jobs_of(http, task)
        assert [job["type"] for job in jobs] == ["annotation", kind, kind] * 2
        assert [job["parent_job_id"] for job in jobs[:3]] == [None, jobs[0]["id"], jobs[0]["id"]]
        server.draw(task, 0, "cell", np.ones((6, 8), bool), job_id=jobs[1]["id"])
        assert http.get(f"/api/tasks/{task}/annotations").json()["shapes"] == []
        assert len(http.get(f"/api/jobs/{jobs[1]['id']}/annotations").json()["shapes"]) == 1


def test_deleted_frames_stay_in_the_list(server, http):
    task = make_task(http, segment_size=2)
    server.delete_frame(task, 1)
    meta = http.get(f"/api/tasks/{task}/data/meta").json()
    assert (meta["deleted_frames"], meta["size"], len(meta["frames"])) == ([1], 3, 3)
    first, last = jobs_of(http, task)
    assert http.get(f"/api/jobs/{last['id']}/data/meta").json()["deleted_frames"] == []
    http.patch(f"/api/jobs/{last['id']}/data/meta", json={"deleted_frames": [2]})
    assert http.get(f"/api/tasks/{task}/data/meta").json()["deleted_frames"] == [1, 2]
    http.patch(f"/api/jobs/{first['id']}/data/meta", json={"deleted_frames": []})
    assert http.get(f"/api/tasks/{task}/data/meta").json()["deleted_frames"] == [2]
    assert http.patch(f"/api/jobs/{first['id']}/data/meta", json={"deleted_frames": [2]}).status_code == 400


def test_data_comes_in_several_requests(server, http):
    task = http.post("/api/tasks", json={"name": "t"}).json()["id"]
    address = f"/api/tasks/{task}/data/"
    assert http.post(address, headers={"Upload-Start": ""}).status_code == 202
    for name in ("b.png", "a.png"):
        files = {"client_files[0]": (name, png())}
        sent = http.post(address, data={"image_quality": "70"}, files=files, headers={"Upload-Multiple": ""})
        assert sent.status_code == 200
    server.polls_until_finished = 0
    last = http.post(address, json={"image_quality": 70}, headers={"Upload-Finish": ""})
    assert last.json() == {"rq_id": f"action=create&target=task&target_id={task}"}
    assert names_of(http, task) == ["a.png", "b.png"]
    assert http.post(address, json={"image_quality": 70}).json() == "Adding more data is not supported"


def test_a_file_that_was_sent_cannot_be_sent_again(server, http):
    task = http.post("/api/tasks", json={"name": "t"}).json()["id"]

    def send() -> int:
        files = {"client_files[0]": ("a.png", png())}
        headers = {"Upload-Multiple": ""}
        answer = http.post(f"/api/tasks/{task}/data/", data={"image_quality": "70"}, files=files, headers=headers)
        return answer.status_code

    assert [send(), send()] == [200, 500]
    assert begin_piecemeal(http, task, "a.png", 9).status_code == 409
    assert server.uploads == [(task, "a.png")]


def begin_piecemeal(http: httpx.Client, task: int, name: str, size: int) -> httpx.Response:
    metadata = f"filename {base64.b64encode(name.encode()).decode()}"
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(size), "Upload-Metadata": metadata}
    return http.post(f"/api/tasks/{task}/data/", headers=headers)


def send_piece(http: httpx.Client, address: str, offset: int, piece: bytes) -> httpx.Response:
    headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    return http.patch(address, content=piece, headers=headers)


@pytest.mark.parametrize(("version", "kept"), [(NEW, 30), (OLD, 0)])
def test_an_interrupted_piece_is_kept_by_new_servers_only(connect, version, kept):
    content = png()
    with ContractServer(version) as server:
        http = connect(server)
        task = http.post("/api/tasks", json={"name": "t"}).json()["id"]
        begun = begin_piecemeal(http, task, "a.png", len(content))
        assert (begun.status_code, begun.headers["Upload-Filename"]) == (201, "a.png")
        address = begun.headers["Location"]
        server.faults.add(Fault("PATCH", kind="cut_body", keep=30))
        with pytest.raises(httpx.TransportError):
            send_piece(http, address, 0, content[:40])
        asked = http.head(address)
        assert (asked.headers["Upload-Offset"], asked.headers["Upload-Length"]) == (str(kept), str(len(content)))
        assert send_piece(http, address, kept + 1, content[kept + 1 :]).status_code == 409
        assert send_piece(http, address, kept, content).status_code == (413 if kept else 204)
        if kept:
            assert send_piece(http, address, kept, content[kept:]).headers["Upload-Offset"] == str(len(content))
        assert http.head(address).status_code == (404 if kept else 500)
        assert server.uploaded(task) == {"a.png": content}


def test_an_upload_that_is_not_complete_makes_no_task(server, http):
    task = http.post("/api/tasks", json={"name": "t"}).json()["id"]
    begin_piecemeal(http, task, "a.png", 100)
    server.polls_until_finished = 0
    name = http.post(f"/api/tasks/{task}/data/", json={"image_quality": 70}, headers={"Upload-Finish": ""}).json()[
        "rq_id"
    ]
    answer = http.get(f"/api/requests/{name}").json()
    assert (answer["status"], answer["message"]) == ("failed", "[Errno 2] No such file or directory: 'a.png'")
    assert http.get(f"/api/requests/{name}", headers={"Authorization": "Basic Ym9iOmJvYi1wYXNz"}).status_code == 403


# Waiting


def begun_task(http: httpx.Client) -> tuple[int, httpx.Response]:
    task = http.post("/api/tasks", json={"name": "t"}).json()["id"]
    files = {"client_files[0]": ("a.png", png())}
    return task, http.post(f"/api/tasks/{task}/data", data={"image_quality": "70"}, files=files)


def test_a_task_is_made_after_as_many_polls_as_are_set(server, http):
    server.polls_until_finished = 2
    task, begun = begun_task(http)
    assert http.get(f"/api/tasks/{task}").json()["size"] == 0
    again = http.post(f"/api/tasks/{task}/data", json={"image_quality": 70})
    assert (again.status_code, again.json()) == (409, begun.json())
    address = "/api/requests/" + begun.json()["rq_id"]
    assert [http.get(address).json()["status"] for _ in range(3)] == ["queued", "started", "finished"]
    assert http.get(f"/api/tasks/{task}").json()["size"] == 1
    server.expire_requests()
    assert http.get(address).status_code == 404


@pytest.mark.parametrize("version", [OLDEST, NEW])
def test_the_old_way_of_asking_is_there_in_all_versions(connect, version):
    with ContractServer(version) as server:
        http = connect(server)
        server.polls_until_finished = 2
        task, begun = begun_task(http)
        assert (begun.status_code, bool(begun.content)) == (202, version != OLDEST)
        answers = [http.get(f"/api/tasks/{task}/status") for _ in range(3)]
        assert [answer.json()["state"] for answer in answers] == ["Queued", "Started", "Finished"]
        assert ("Deprecation" in answers[0].headers) == (version != OLDEST)
        assert http.get("/api/requests").status_code == (404 if version == OLDEST else 200)


def test_a_failure_that_is_set_meets_the_next_task_only(server, http):
    server.creation_failure = "the disk is full"
    server.polls_until_finished = 0
    task, begun = begun_task(http)
    assert http.get(f"/api/tasks/{task}/status").json() == {"state": "Failed", "message": "the disk is full"}
    assert "size" not in begun.json()
    task, _ = begun_task(http)
    assert http.get(f"/api/tasks/{task}/status").json()["state"] == "Finished"


@pytest.mark.parametrize(
    ("version", "name"), [(NEW, "action=create&target=task&target_id={}"), ("2.20.0", "create:task-{}"), (OLDEST, None)]
)
def test_requests_are_named_as_the_version_names_them(connect, version, name):
    with ContractServer(version) as server:
        task, begun = begun_task(connect(server))
    assert begun.content == (b"" if name is None else json.dumps({"rq_id": name.format(task)}).encode())


# Annotations


def test_masks_are_encoded_row_by_row_in_their_box():
    rows = ["........", "...###..", "..####..", "..#..#..", "..###...", "........"]
    mask = np.array([[character == "#" for character in row] for row in rows])
    assert encoded(mask) == [1, 8, 2, 4, 1, 2, 1, 5, 4]
    assert np.array_equal(decoded(encoded(mask), Frame("a.png", 8, 6)), mask)
    assert encoded(np.ones((2, 2), bool)) == [0, 4, 0, 0, 1, 1]


def test_points_come_back_as_floats_and_shapes_with_ids(server, http):
    task = make_task(http)
    put = http.put(f"/api/tasks/{task}/annotations", json={"shapes": [shape(http, task)]}).json()["shapes"][0]
    (got,) = http.get(f"/api/tasks/{task}/annotations").json()["shapes"]
    assert got["id"] == put["id"]
    assert repr(got["points"]) == "[1.0, 8.0, 2.0, 4.0, 1.0, 2.0, 1.0, 5.0, 4.0]"
    assert (got["source"], got["group"], got["rotation"], got["elements"]) == ("manual", None, 0.0, [])
    assert len(server.masks(task, 0)) == 1


@pytest.mark.parametrize(
    ("points", "why"),
    [
        ([4, 0, 0, 1], "invalid length"),
        ([0, 4.5, 0, 0, 1, 1], "whole numbers"),
        ([0, "4", 0, 0, 1, 1], "float or an integer"),
        ([0, 5, 0, 0, 1, 1], "its box has 4"),
        ([0, 3, 0, 0, 1, 1], "its box has 4"),
        ([0, 4, 7, 0, 8, 1], "not inside"),
        ([0, 4, 0, 5, 1, 6], "not inside"),
        ([0, 4, -1, 0, 0, 1], "not inside"),
        ([1, 0, 3, 0, 0, 1, 1], "has no pixel"),
        ([4, 0, 0, 1, 1], "is empty"),
    ],
)
def test_a_wrong_mask_is_refused(http, points, why):
    task = make_task(http)
    answer = http.put(f"/api/tasks/{task}/annotations", json={"shapes": [shape(http, task, points=points)]})
    assert answer.status_code == 400
    assert why in answer.json()["shapes"][0]["points"][0]
    assert http.get(f"/api/tasks/{task}/annotations").json()["shapes"] == []


@pytest.mark.parametrize("change", [{"label_id": 99}, {"frame": 3}, {"type": "blob"}, {"frame": None}, {"id": 5}])
def test_a_shape_that_does_not_fit_the_task_is_refused(http, change):
    task = make_task(http)
    make_task(http)
    answer = http.put(f"/api/tasks/{task}/annotations", json={"shapes": [shape(http, task, **change)]})
    assert answer.status_code == 400


def test_servers_before_2_41_let_shapes_have_ids(connect):
    with ContractServer("2.40.0") as server:
        http = connect(server)
        task = make_task(http)
        answer = http.put(f"/api/tasks/{task}/annotations", json={"shapes": [shape(http, task, id=5)]})
        assert answer.status_code == 200


def test_annotations_of_a_task_go_to_its_jobs(http):
    task = make_task(http, segment_size=2)
    first, last = jobs_of(http, task)
    shapes = [shape(http, task, 0), shape(http, task, 2)]
    http.put(
        f"/api/tasks/{task}/annotations",
        json={"shapes": shapes, "tags": [{"frame": 2, "label_id": label_of(http, task)}]},
    )
    assert [one["frame"] for one in http.get(f"/api/jobs/{first['id']}/annotations").json()["shapes"]] == [0]
    of_last = http.get(f"/api/jobs/{last['id']}/annotations").json()
    assert [one["frame"] for kind in ("shapes", "tags") for one in of_last[kind]] == [2, 2]
    assert http.put(f"/api/jobs/{first['id']}/annotations", json={"shapes": [shape(http, task, 2)]}).status_code == 400
    assert http.put(f"/api/jobs/{first['id']}/annotations", json={"shapes": []}).status_code == 200
    assert [one["frame"] for one in http.get(f"/api/tasks/{task}/annotations").json()["shapes"]] == [2]


def test_what_is_new_of_an_answer_is_not_in_older_versions(connect):
    with ContractServer(NEW) as server:
        http = connect(server)
        task = make_task(http)
        server.draw(task, 0, "cell", np.ones((6, 8), bool))
        (job,) = jobs_of(http, task)
        new = http.get(f"/api/jobs/{job['id']}/annotations").json()
        server.upgrade(OLDEST)
        old = http.get(f"/api/jobs/{job['id']}/annotations").json()
        (old_job,) = jobs_of(http, task)
    assert set(new) - set(old) == {"intervals"}
    assert set(new["shapes"][0]) - set(old["shapes"][0]) == {"score"}
    assert {"replicas_count", "parent_job_id"} <= set(job) - set(old_job)


# What people do in the page


def test_people_draw_and_finish_and_reviewers_send_back(server, http):
    task = make_task(http)
    before = jobs_of(http, task)[0]
    mask = np.zeros((6, 8), bool)
    mask[2:4, 3] = True
    server.draw(task, 1, "cell", mask, user="bob")
    ((label, drawn),) = server.masks(task, 1)
    assert (label, np.array_equal(drawn, mask)) == ("cell", True)
    job = jobs_of(http, task)[0]
    assert (job["state"], job["assignee"]["username"]) == ("in progress", "bob")
    assert job["updated_date"] > before["updated_date"]
    server.complete(job["id"])
    assert jobs_of(http, task)[0]["state"] == "completed"
    server.reject(job["id"])
    assert (jobs_of(http, task)[0]["stage"], jobs_of(http, task)[0]["state"]) == ("annotation", "rejected")
    server.complete(job["id"], stage="acceptance")
    assert http.get(f"/api/tasks/{task}").json()["status"] == "completed"
    server.erase(task)
    assert http.get(f"/api/tasks/{task}/annotations").json()["shapes"] == []


def test_people_add_tags_tracks_and_other_shapes_and_open_issues(server, http):
    task = make_task(http)
    box = {"type": "rectangle", "frame": 0, "points": [0, 0, 2, 2]}
    ids = [server.add_tag(task, 0, "cell"), server.add_shape(task, "cell", box), server.add_track(task, "cell", [box])]
    found = http.get(f"/api/tasks/{task}/annotations").json()
    assert [found[kind][0]["id"] for kind in ("tags", "shapes", "tracks")] == ids
    (job,) = jobs_of(http, task)
    server.open_issue(job["id"], 0, [1.0, 1.0], "what is this?")
    assert http.get("/api/comments", params={"job_id": job["id"]}).json()["results"][0]["message"] == "what is this?"


def test_administrators_rename_and_delete(server, http):
    project = http.post("/api/projects", json={"name": "p", "labels": [{"name": "cell"}, {"name": "dirt"}]}).json()[
        "id"
    ]
    task = make_task(http, project_id=project, labels=[])
    server.draw(task, 0, "dirt", np.ones((6, 8), bool))
    server.rename_label("cell", "nucleus", project)
    server.delete_label("dirt", project)
    labels = http.get("/api/labels", params={"project_id": project}).json()["results"]
    assert [one["name"] for one in labels] == ["nucleus"]
    assert http.get(f"/api/tasks/{task}/annotations").json()["shapes"] == []
    server.delete_task(task)
    assert http.get(f"/api/tasks/{task}").status_code == 404
    assert http.get("/api/jobs").json()["count"] == 0
    server.delete_project(project)
    assert (server.projects, server.labels) == ({}, {})


# Faults


def test_a_status_answers_instead_and_nothing_is_carried_out(server, http):
    server.faults.add(Fault("POST", r"/api/projects$", status=503, retry_after=2, times=2))
    answers = [http.post("/api/projects", json={"name": "p"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 201]
    assert answers[0].headers["Retry-After"] == "2"
    assert len(server.projects) == 1


def test_a_fault_lets_as_many_requests_pass_as_it_is_told(server, http):
    fault = server.faults.add(Fault("GET", "/api/projects", after=1, times=None))
    assert [http.get("/api/projects").status_code for _ in range(3)] == [200, 500, 500]
    assert http.get("/api/tasks").status_code == 200
    server.faults.remove(fault)
    assert http.get("/api/projects").status_code == 200


@pytest.mark.parametrize(("kind", "made"), [("cut_before", 0), ("cut_body", 0), ("cut_after", 1), ("cut_answer", 1)])
def test_a_connection_is_cut_before_or_after_the_request_is_carried_out(server, http, kind, made):
    server.faults.add(Fault("POST", "/api/projects", kind=kind))
    with pytest.raises(httpx.TransportError):
        http.post("/api/projects", json={"name": "p"})
    assert len(server.projects) == made
    assert server.requests[-1].status is None
    assert http.post("/api/projects", json={"name": "q"}).status_code == 201


def test_an_answer_that_is_cut_begins_well(server, http):
    server.faults.add(Fault("GET", "/api/users/self", kind="cut_answer"))
    received = b""
    with pytest.raises(httpx.TransportError), http.stream("GET", "/api/users/self") as answer:  # noqa: PT012
        assert answer.status_code == 200
        for piece in answer.iter_raw():
            received += piece
    assert received.startswith(b'{"url"')
    assert len(received) < int(answer.headers["Content-Length"])


def test_a_request_that_hangs_is_carried_out_though_the_client_left(server, http):
    server.faults.add(Fault("POST", "/api/projects", kind="hang", seconds=0.3))
    with pytest.raises(httpx.ReadTimeout):
        http.post("/api/projects", json={"name": "p"}, timeout=0.05)
    end = time.monotonic() + 20
    while not server.projects and time.monotonic() < end:
        time.sleep(0.01)
    assert len(server.projects) == 1


def test_a_server_that_hangs_can_be_stopped(server, http):
    server.faults.add(Fault("GET", kind="hang", seconds=3600))
    with pytest.raises(httpx.ReadTimeout):
        http.get("/api/projects", timeout=0.05)
    server.restart()
    assert http.get("/api/projects").status_code == 200


def test_too_many_requests_within_some_time_are_throttled(server, http):
    server.faults.limit_rate(3, seconds=3600)
    answers = [http.get("/api/projects") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 3000
    assert answers[-1].json()["detail"].startswith("Request was throttled.")
    server.faults.clear()
    assert http.get("/api/projects").status_code == 200


def test_sessions_are_forgotten_but_no_access_tokens(server, http, connect):
    with_token = connect(server, None, Authorization=f"Bearer {server.add_access_token('ann')}")
    server.faults.add(Fault("POST", "/api/projects", kind="forget_sessions"))
    assert http.post("/api/projects", json={"name": "p"}).status_code == 401
    assert http.get("/api/projects").json() == {"detail": "Invalid token."}
    assert with_token.get("/api/projects").json()["count"] == 0
    assert connect(server).get("/api/projects").status_code == 200


def test_a_client_that_leaves_in_the_middle_of_a_request_changes_nothing(server, http):
    def half() -> Iterator[bytes]:
        yield b'{"name": "p"}'
        raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        http.post("/api/projects", content=half(), headers={"Content-Type": "application/json"})
    assert http.get("/api/projects").json()["count"] == 0
    assert http.post(
        "/api/projects", content=iter([b'{"name": ', b'"p"}']), headers={"Content-Type": "application/json"}
    )
    assert http.get("/api/projects").json()["count"] == 1


# The server itself


def test_the_memory_outlives_a_restart_at_the_same_port(server, http):
    http.post("/api/projects", json={"name": "p"})
    address = server.url
    server.stop()
    with pytest.raises(httpx.ConnectError):
        http.get("/api/projects")
    server.start()
    assert server.url == address
    assert http.get("/api/projects").json()["count"] == 1


def test_the_log_tells_who_asked_what(server, http):
    http.get("/api/projects", params={"name": "p"}, headers={"X-Organization": ""})
    last = server.requests[-1]
    assert (last.method, last.path, last.query, last.status, last.user) == (
        "GET",
        "/api/projects",
        "name=p",
        200,
        "ann",
    )
    assert last.headers["x-organization"] == ""
    http.post("/api/projects", json={"name": "p"})
    assert server.requests[-1].json == {"name": "p"}


def test_an_error_within_the_server_is_raised_when_it_is_left(connect):
    server = ContractServer()
    with pytest.raises(AssertionError, match="the contract server broke"), server:  # noqa: PT012
        server.projects[1] = None  # type: ignore[assignment]
        assert connect(server).get("/api/projects").status_code == 500


def test_it_runs_as_a_process():
    command = [sys.executable, "-m", "tests.cvat.server", "--version", OLD, "--user", "eve:secret"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", address)
        assert httpx.get(f"{address}/api/server/about").json()["version"] == OLD
        key = httpx.post(f"{address}/api/auth/login", json={"username": "eve", "password": "secret"}).json()["key"]
        assert key
        process.terminate()
        assert process.wait(timeout=60) == 0
