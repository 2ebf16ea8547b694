"""Users, organisations and who is in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.cvat.server.answers import Answer, Listed, bad, date, forbidden, not_found, page_of
from tests.cvat.server.calls import Call, route
from tests.cvat.server.records import Organization
from tests.cvat.server.versions import as_of


def short_user(call: Call, name: str | None) -> dict[str, Any] | None:
    """A user, as other things name them."""
    if name is None:
        return None
    person = call.state.person(name)
    url = call.url(f"/api/users/{person.id}")
    return {"url": url, "id": person.id, "username": name, "first_name": name.title(), "last_name": "Example"}


def user_given(call: Call, number: int | None, field: str) -> str | None:
    """The name of a user whom a request gives by id."""
    name = None if number is None else call.state.user_of_id(number)
    if number is not None and name is None:
        raise bad({field: [f'Invalid pk "{number}" - object does not exist.']})
    return name


def _full_user(call: Call, name: str) -> dict[str, Any]:
    admin = name in call.state.admins
    answer = {
        **(short_user(call, name) or {}),
        "email": f"{name}@example.org",
        "groups": ["admin" if admin else "user"],
        "is_staff": admin,
        "is_superuser": admin,
        "is_active": True,
        "last_login": None,
        "date_joined": date(call.state.person(name).joined),
        "has_analytics_access": admin,
        "email_verified": True,
    }
    return as_of(call.state.version, "user", answer)


@route("GET", "/api/users/self")
def who_asks(call: Call) -> Answer:
    """The account of who asks."""
    return Answer(body=_full_user(call, call.user))


@route("GET", "/api/users")
def list_users(call: Call) -> Answer:
    """Users; those of an organisation where one is chosen. Others are shown in short."""
    names = list(call.organization.roles) if call.organization else list(call.state.users)
    admin = call.user in call.state.admins

    def represent(person: Any) -> dict[str, Any]:
        return _full_user(call, person.name) if admin else short_user(call, person.name) or {}

    def filters(person: Any) -> dict[str, Any]:
        return {"username": person.name, "first_name": person.name.title(), "last_name": "Example", "is_active": True}

    searched = ("username", "first_name", "last_name")
    return page_of(call, [call.state.person(name) for name in names], Listed(represent, filters, searched))


@route("GET", r"/api/users/(\d+)")
def show_user(call: Call, number: int) -> Answer:
    """One user."""
    name = call.state.user_of_id(number)
    if name is None:
        raise not_found()
    full = call.user in (name, *call.state.admins)
    return Answer(body=_full_user(call, name) if full else short_user(call, name))


@route("GET", "/api/organizations")
def list_organizations(call: Call) -> Answer:
    """The organisations of who asks."""
    admin = call.user in call.state.admins
    mine = [one for one in call.state.organizations.values() if admin or call.user in one.roles]

    def filters(one: Organization) -> dict[str, Any]:
        return {"slug": one.slug, "name": one.slug, "owner": one.owner}

    return page_of(call, mine, Listed(lambda one: _organization(call, one), filters, ("name", "owner", "slug")))


@route("GET", r"/api/organizations/(\d+)")
def show_organization(call: Call, number: int) -> Answer:
    """One organisation."""
    found = call.state.organization_of_id(number)
    if found is None:
        raise not_found()
    if call.user not in (*found.roles, *call.state.admins):
        raise forbidden()
    return Answer(body=_organization(call, found))


def _organization(call: Call, one: Organization) -> dict[str, Any]:
    made = date(one.created)
    names = {"id": one.id, "slug": one.slug, "name": one.slug.title(), "description": "", "contact": {}}
    return {**names, "created_date": made, "updated_date": made, "owner": short_user(call, one.owner)}


@route("GET", "/api/memberships")
def list_memberships(call: Call) -> Answer:
    """Who is in the chosen organisation, or in those of who asks."""
    chosen = [call.organization] if call.organization else list(call.state.organizations.values())
    mine = [one for one in chosen if call.user in (*one.roles, *call.state.admins)]
    members = [_Member(one.member_ids[name], one, name) for one in mine for name in one.roles]

    def represent(member: _Member) -> dict[str, Any]:
        one = member.organization
        return {
            "id": member.id,
            "user": short_user(call, member.name),
            "organization": one.id,
            "is_active": True,
            "joined_date": date(one.created),
            "role": one.roles[member.name],
            "invitation": None,
        }

    def filters(member: _Member) -> dict[str, Any]:
        return {"user": member.name, "role": member.organization.roles[member.name]}

    return page_of(call, members, Listed(represent, filters, ("user", "role")))


@dataclass
class _Member:
    id: int
    organization: Organization
    name: str
