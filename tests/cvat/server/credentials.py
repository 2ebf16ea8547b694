"""Who asks: logging in, keys, cookies, access tokens, and the organisation that a client chooses.

Read in CVAT's `settings/base.py` (the order in which credentials are looked at), `apps/iam/middleware.py` (how an
organisation is chosen), `apps/iam/permissions.py` (who is in it), `apps/access_tokens/authentication.py` and
`tests/python/rest_api/test_auth.py`.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from http.cookies import SimpleCookie

from tests.cvat.server.answers import Answer, bad, forbidden, not_found, unauthorized, wrong_field
from tests.cvat.server.calls import Call, route
from tests.cvat.server.state import State
from tests.cvat.server.versions import ACCESS_TOKENS

_SAFE = ("GET", "HEAD", "OPTIONS")
_COOKIE = "{}={}; expires=Fri, 31 Dec 2100 00:00:00 GMT; Max-Age=1209600; Path=/; SameSite=Lax"


def authenticate(call: Call) -> None:
    """Note in a call who asks, and for which organisation.

    Raises:
        Refused: It is not said, or wrong (401); a cookie without its token against forgery, a read-only access token
            that would write, or an organisation of others (403); no such organisation (404).
    """
    call.user = _user_of(call)
    if call.user not in call.state.users:
        raise unauthorized("User inactive or deleted.")
    _choose_organization(call)


def _user_of(call: Call) -> str:
    keyword, _, value = call.headers.get("authorization", "").partition(" ")
    if keyword == "Bearer" and call.state.version >= ACCESS_TOKENS:
        token = call.state.access_tokens.get(value)
        if token is None:
            raise unauthorized("Invalid token.")
        if token.read_only and call.method not in _SAFE:
            raise forbidden()
        return token.user
    if keyword == "Token":
        if value not in call.state.tokens:
            raise unauthorized("Invalid token.")
        return call.state.tokens[value]
    cookies = SimpleCookie(call.headers.get("cookie", ""))
    session = call.state.sessions.get(cookies["sessionid"].value) if "sessionid" in cookies else None
    if session is not None:
        name, csrf = session
        if call.method not in _SAFE and call.headers.get("x-csrftoken") != csrf:
            raise forbidden("CSRF Failed: CSRF token missing.")
        return name
    if keyword == "Basic":
        return _user_of_password(call.state, value)
    raise unauthorized()


def _user_of_password(state: State, value: str) -> str:
    try:
        name, _, password = base64.b64decode(value).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise unauthorized("Invalid basic header. Credentials not correctly base64 encoded.") from error
    if state.users.get(name) != password:
        raise unauthorized("Invalid username/password.")
    return name


def _choose_organization(call: Call) -> None:
    slug, number, header = (call.query.get("org"), call.query.get("org_id"), call.headers.get("x-organization"))
    if number is not None and (slug is not None or header is not None):
        raise bad(['You cannot specify "org_id" query parameter with "org" query parameter or a header.'])
    if slug is not None and header is not None and slug != header:
        raise bad(['You cannot specify "org" query parameter and "X-Organization" with different values.'])
    slug = header if slug is None else slug
    call.organization_chosen = slug is not None or number is not None
    if slug or number:
        named = call.state.organizations.get(slug) if slug else None
        found = named or (call.state.organization_of_id(int(number)) if number else None)
        if found is None:
            raise not_found(f"{slug or number} organization does not exist.")
        if call.user not in found.roles and call.user not in call.state.admins:
            raise forbidden("You should be an active member in the organization.")
        call.organization = found


@route("POST", "/api/auth/login", public=True)
def log_in(call: Call) -> Answer:
    """Give the key of a user, and a session in cookies."""
    given = call.json()
    if not given.get("password"):
        raise wrong_field("password")
    name = str(given.get("username") or given.get("email", "").partition("@")[0])
    if call.state.users.get(name) != given["password"]:
        raise bad({"non_field_errors": ["Unable to log in with provided credentials."]})
    known = {user: key for key, user in call.state.tokens.items()}
    key = known.get(name) or secrets.token_hex(20)
    call.state.tokens[key] = name
    session, csrf = secrets.token_hex(16), secrets.token_hex(16)
    call.state.sessions[session] = (name, csrf)
    return Answer(body={"key": key}, cookies=[_COOKIE.format("csrftoken", csrf), _COOKIE.format("sessionid", session)])


@route("POST", "/api/auth/logout")
def log_out(call: Call) -> Answer:
    """Forget the key and the sessions of a user."""
    call.state.tokens = {key: name for key, name in call.state.tokens.items() if name != call.user}
    call.state.sessions = {key: one for key, one in call.state.sessions.items() if one[0] != call.user}
    return Answer(body={"detail": "Successfully logged out."})
