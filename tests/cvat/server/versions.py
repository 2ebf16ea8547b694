"""Which answers a version of CVAT gives: what is there since when, and until when.

The fields of answers and the kinds of jobs were compared between the generated code of cvat_sdk 2.15 to 2.80 (its
`api_client/model`), so each version here is the first whose SDK has them. The rest was read in CVAT's sources (named
where it is used): `cvat/apps/engine/views.py`, `serializers.py`, `mixins.py`, `tus.py`, `task.py`,
`cvat/apps/dataset_manager/task.py`, `cvat/apps/redis_handler/views.py`, `cvat/apps/iam/` and `engine/rules/*.rego`.
"""

from __future__ import annotations

from typing import Any

Version = tuple[int, int, int]

REQUESTS = (2, 16, 0)
"""`/api/requests` exists, and data that was posted answers with `rq_id` (the SDK has no requests API in 2.15.0)."""
ACCESS_TOKENS = (2, 48, 0)
"""`Authorization: Bearer` (the SDK knows no other than login in 2.47.0; `cvat/apps/access_tokens`)."""
NO_GIVEN_IDS = (2, 41, 0)
"""Annotations that are created must have no id (pull request 9583 of 27 June 2025; 2.41.0 came on 9 July)."""
QUERY_LIKE_REQUEST_IDS = (2, 36, 0)
"""Requests are named `action=create&target=task&target_id=1`, not `create:task-1`; which version began is a guess."""
OWNED_UPLOADS = (2, 36, 0)
"""A TUS upload belongs to a user, and a question for one that is complete ends in an error 500; a guess, too."""
KEPT_PIECES = (2, 54, 0)
"""What arrived of an interrupted TUS piece is kept (pull request 10073 of December 2025), and that 500 is a 404."""
GENERAL_REPLICAS = (2, 80, 0)
"""Jobs of consensus are of the type `replica`; before, `consensus_replica`."""
REPLICAS = (2, 27, 0)
"""A task can be made with `consensus_replicas`."""
QUALITY_IS_OPTIONAL = (2, 65, 0)
"""`image_quality` need not be given with data."""

_ALWAYS = (0, 0, 0)
_NEVER = (99, 0, 0)
_CHANGES: dict[str, dict[str, tuple[Version, Version]]] = {
    "about": {"logo_url": ((2, 30, 0), _NEVER), "subtitle": ((2, 30, 0), _NEVER)},
    "user": {"has_analytics_access": ((2, 22, 0), _NEVER), "email_verified": ((2, 76, 0), _NEVER)},
    "project": {"assignee_updated_date": ((2, 16, 0), _NEVER), "organization_id": ((2, 44, 0), _NEVER)},
    "task": {
        "assignee_updated_date": ((2, 16, 0), _NEVER),
        "validation_mode": ((2, 21, 0), _NEVER),
        "consensus_enabled": (REPLICAS, GENERAL_REPLICAS),
        "data_cloud_storage_id": ((2, 44, 0), _NEVER),
        "organization_id": ((2, 44, 0), _NEVER),
        "project_name": ((2, 59, 0), _NEVER),
        "media_type": ((2, 65, 0), _NEVER),
        "initial_replicas": (GENERAL_REPLICAS, _NEVER),
    },
    "job": {
        "assignee_updated_date": ((2, 16, 0), _NEVER),
        "data_original_chunk_type": ((2, 20, 0), _NEVER),
        "parent_job_id": (REPLICAS, _NEVER),
        "consensus_replicas": (REPLICAS, GENERAL_REPLICAS),
        "project_name": ((2, 59, 0), _NEVER),
        "task_name": ((2, 59, 0), _NEVER),
        "replicas_count": ((2, 59, 0), _NEVER),
        "media_type": ((2, 65, 0), _NEVER),
    },
    "meta": {
        "chunks_updated_date": ((2, 21, 0), _NEVER),
        "storage": ((2, 44, 0), _NEVER),
        "cloud_storage_id": ((2, 44, 0), _NEVER),
        "chapters": ((2, 52, 0), _NEVER),
    },
    "annotations": {"intervals": ((2, 66, 0), _NEVER)},
    "shape": {"score": ((2, 56, 0), _NEVER)},
    "operation": {
        "function_id": ((2, 17, 0), _NEVER),
        "lightweight": ((2, 44, 0), _NEVER),
        "org_id": ((2, 65, 0), _NEVER),
    },
}


def parse_version(text: str) -> Version:
    """The three numbers of a version such as ``"2.80.0"``."""
    numbers = [int(part) for part in text.split(".")]
    major, minor, patch = (*numbers, 0, 0)[:3]
    return major, minor, patch


def as_of(version: Version, kind: str, answer: dict[str, Any]) -> dict[str, Any]:
    """The fields of an answer that a version has.

    Args:
        version: That of the server.
        kind: What is answered: ``"task"``, ``"job"`` ...
        answer: With the fields of all versions.
    """
    changes = _CHANGES.get(kind, {})
    always = (_ALWAYS, _NEVER)
    spans = {field: changes.get(field, always) for field in answer}
    return {field: answer[field] for field, (since, until) in spans.items() if since <= version < until}
