"""Every route by every role: who is let in is decided before anything else of the call is
looked at."""

import pytest
from tests.conftest import OpenShop
from tests.contract.route_tables import callers
from tests.harness import api_keys
from tests.harness.http import refused
from tests.harness.routes import filled
from tests.harness.shop import RunningShop

from trastienda.domain.people import Permission
from trastienda.servers.http.app import ROUTES
from trastienda.servers.http.exchange import Route

BY_NAME = {f"{route.method} {route.path}": route for route in ROUTES}
WHO = {name: roles for name, roles in callers().items() if roles}
"""The roles that may call each route that needs a token, as ``docs/http-api.md`` says it
by hand."""
ROLES = {"Administrador", "Cajero", "Cliente"}
CALLS = [(name, role) for name in WHO for role in sorted(ROLES)]


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    return open_shop()


def path_to_nothing(route: Route) -> str:
    """The path with parameters that name nothing in the shop."""
    return filled(
        route, lambda parameter: "999999" if parameter.is_number else "44444444-4"
    )


def test_the_page_says_of_every_route_who_may_call_it() -> None:
    assert set(BY_NAME) == set(callers())
    needing_a_token = {
        name for name, route in BY_NAME.items() if route.permission is not None
    }
    assert set(WHO) == needing_a_token
    assert {role for roles in WHO.values() for role in roles} == ROLES


def test_every_permission_is_needed_by_a_route_or_a_command() -> None:
    by_line_alone = {Permission.BUY}
    assert {route.permission for route in ROUTES} - {None} == set(
        Permission
    ) - by_line_alone


def test_every_route_is_listed_once() -> None:
    assert len(BY_NAME) == len(ROUTES)


@pytest.mark.parametrize("name", WHO)
def test_a_call_without_a_good_token_is_refused(own: RunningShop, name: str) -> None:
    route = BY_NAME[name]
    for caller in (own.nobody, own.caller("basura")):
        for content in (b"{", b"{}", b" " * 500_000):
            answer = caller.request(
                route.method, path_to_nothing(route), content=content, params={"x": "1"}
            )
            refused(answer, 401, "no_autenticado")


@pytest.mark.parametrize(
    ("name", "role"), CALLS, ids=[f"{name} {role}" for name, role in CALLS]
)
def test_a_role_is_let_in_or_kept_out_before_its_call_is_looked_at(
    own: RunningShop, name: str, role: str
) -> None:
    route, caller = BY_NAME[name], own.by_role[role]
    answer = caller.request(
        route.method,
        path_to_nothing(route),
        params={"x": "1"},
        content=b"{",
        headers={"Content-Type": "text/plain", "Idempotency-Key": ""},
    )
    if role in WHO[name]:
        assert answer.status_code not in {401, 403}, answer.text
    else:
        refused(answer, 403, "sin_permiso")


ABOUT_PEOPLE = sorted(
    name
    for name, route in BY_NAME.items()
    if route.tag == "Personas" and route.bearer != "never"
)


@pytest.mark.parametrize("name", ABOUT_PEOPLE)
@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_program_may_not_manage_people_whatever_its_role(
    own: RunningShop, name: str, role: str
) -> None:
    """But look one person up, as its role may."""
    route = BY_NAME[name]
    made = api_keys.make(own, role)
    program = own.caller(made["llave"])
    answer = program.request(
        route.method, path_to_nothing(route), json=route.example or None
    )
    if name == "GET /users/{rut}" and role != "Cliente":
        refused(answer, 404, "no_encontrado")
    else:
        refused(answer, 403, "sin_permiso")
    own.ana.delete(f"/llaves/{made['id_llave']}")


@pytest.mark.parametrize("name", sorted(name for name in WHO if "{" in name))
def test_what_does_not_exist_is_not_found_or_is_hidden(
    own: RunningShop, name: str
) -> None:
    route = BY_NAME[name]
    for role in WHO[name]:
        answer = own.by_role[role].request(
            route.method, path_to_nothing(route), json=route.example
        )
        if role == "Cliente" and route.path.startswith("/users/{rut}"):
            refused(answer, 403, "sin_permiso")
        else:
            refused(answer, 404, "no_encontrado")
