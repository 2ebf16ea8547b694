"""Issues to places in frames, and the comments to them. The message of an issue is its first comment."""

from __future__ import annotations

from typing import Any

from tests.cvat.server.answers import Answer, Listed, bad, date, not_found, page_of, wrong_field
from tests.cvat.server.calls import Call, route
from tests.cvat.server.people import short_user, user_given
from tests.cvat.server.records import Comment, Issue
from tests.cvat.server.rights import check_may_manage, may_see


def represent(call: Call, issue: Issue) -> dict[str, Any]:
    """The answer for an issue."""
    comments = [comment for comment in call.state.comments.values() if comment.issue_id == issue.id]
    latest = max([issue.created, *(comment.created for comment in comments)])
    return {
        "id": issue.id,
        "frame": issue.frame,
        "position": issue.position,
        "job": issue.job_id,
        "owner": short_user(call, issue.owner),
        "assignee": short_user(call, issue.assignee),
        "created_date": date(issue.created),
        "updated_date": date(latest),
        "resolved": issue.resolved,
        "comments": {"count": len(comments), "url": call.url("/api/comments", {"issue_id": issue.id})},
    }


@route("GET", "/api/issues")
def list_issues(call: Call) -> Answer:
    """The issues of jobs that one sees."""
    state = call.state

    def filters(issue: Issue) -> dict[str, Any]:
        where = {"job_id": issue.job_id, "task_id": state.jobs[issue.job_id].task_id, "frame_id": issue.frame}
        return {**where, "owner": issue.owner, "assignee": issue.assignee, "resolved": issue.resolved}

    mine = [issue for issue in state.issues.values() if may_see(call, state.jobs[issue.job_id])]
    return page_of(call, mine, Listed(lambda one: represent(call, one), filters, ("owner", "assignee")))


@route("POST", "/api/issues")
def create_issue(call: Call) -> Answer:
    """Open an issue with a message."""
    given = call.json()
    for name in ("frame", "position", "job", "message"):
        if given.get(name) in (None, "", []):
            raise wrong_field(name)
    state = call.state
    job = state.jobs.get(given["job"])
    if job is None:
        raise wrong_field("job", f'Invalid pk "{given["job"]}" - object does not exist.')
    check_may_manage(call, job)
    position = [float(number) for number in given["position"]]
    issue = Issue(state.new_id("issue"), job.id, given["frame"], position, call.user, state.now())
    issue.assignee = user_given(call, given.get("assignee"), "assignee")
    issue.resolved = given.get("resolved", False)
    state.issues[issue.id] = issue
    _add_comment(call, issue, given["message"])
    return Answer(201, represent(call, issue))


def _add_comment(call: Call, issue: Issue, message: str) -> Comment:
    comment = Comment(call.state.new_id("comment"), issue.id, call.user, message, call.state.now())
    call.state.comments[comment.id] = comment
    return comment


def _found(call: Call, number: int) -> Issue:
    if number not in call.state.issues:
        raise not_found()
    check_may_manage(call, call.state.jobs[call.state.issues[number].job_id])
    return call.state.issues[number]


@route("GET", r"/api/issues/(\d+)")
def show_issue(call: Call, number: int) -> Answer:
    """One issue."""
    return Answer(body=represent(call, _found(call, number)))


@route("PATCH", r"/api/issues/(\d+)")
def change_issue(call: Call, number: int) -> Answer:
    """Resolve an issue, or open it again."""
    issue = _found(call, number)
    issue.resolved = call.json().get("resolved", issue.resolved)
    return Answer(body=represent(call, issue))


@route("GET", "/api/comments")
def list_comments(call: Call) -> Answer:
    """The comments to issues that one sees."""
    state = call.state

    def job_of(comment: Comment) -> Any:
        return state.jobs[state.issues[comment.issue_id].job_id]

    def filters(comment: Comment) -> dict[str, Any]:
        frame = state.issues[comment.issue_id].frame
        return {"issue_id": comment.issue_id, "job_id": job_of(comment).id, "frame_id": frame, "owner": comment.owner}

    mine = [comment for comment in state.comments.values() if may_see(call, job_of(comment))]
    return page_of(call, mine, Listed(lambda one: _represent_comment(call, one), filters, ("owner",)))


@route("POST", "/api/comments")
def create_comment(call: Call) -> Answer:
    """Answer to an issue."""
    given = call.json()
    if given.get("issue") not in call.state.issues:
        raise wrong_field("issue", f'Invalid pk "{given.get("issue")}" - object does not exist.')
    if not given.get("message"):
        raise bad({"message": ["This field may not be blank."]})
    comment = _add_comment(call, _found(call, given["issue"]), given["message"])
    return Answer(201, _represent_comment(call, comment))


def _represent_comment(call: Call, comment: Comment) -> dict[str, Any]:
    made = date(comment.created)
    names = {"id": comment.id, "issue": comment.issue_id, "owner": short_user(call, comment.owner)}
    return {**names, "message": comment.message, "created_date": made, "updated_date": made}
