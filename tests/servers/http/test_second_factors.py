"""``/users/{rut}/segundo-factor``, and logging in with a code."""

import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest
from tests.conftest import OpenShop
from tests.harness.cast import PASSWORD
from tests.harness.http import Caller, refused, unfit
from tests.harness.second_factors import begin, set_up
from tests.harness.shop import RunningShop


class Guarded:
    """A Cajero with a second factor."""

    def __init__(self, shop: RunningShop) -> None:
        self.shop = shop
        user, self.caller = shop.somebody("Cajero")
        self.name, self.rut = user["usuario"], user["rut"]
        self.path = f"/users/{self.rut}/segundo-factor"
        self.phone, self.codes = set_up(self.caller, self.rut)

    def login(
        self, code: str | None = None, password: str = PASSWORD
    ) -> httpx.Response:
        """Log in, with a code or without."""
        body = {"usuario": self.name, "clave": password}
        if code is not None:
            body["codigo"] = code
        return self.shop.nobody.post("/login", json=body)

    def remove(self, **proof: str) -> httpx.Response:
        """Take the second factor off."""
        return self.caller.request("DELETE", self.path, json=proof)


@pytest.fixture
def guarded(shop: RunningShop) -> Guarded:
    return Guarded(shop)


def let_in(answer: httpx.Response) -> None:
    assert answer.status_code == 200, answer.text


def state(caller: Caller, rut: str) -> Any:
    return caller.ok("GET", f"/users/{rut}/segundo-factor")


def test_a_secret_comes_as_a_text_and_as_the_address_of_a_qr_code(
    shop: RunningShop,
) -> None:
    user, caller = shop.somebody("Cajero")
    body = {"clave_actual": PASSWORD}
    made = caller.ok("POST", f"/users/{user['rut']}/segundo-factor", body)
    assert set(made) == {"secreto", "uri"}
    assert re.fullmatch("[A-Z2-7]{32}", made["secreto"]), "160 bits"
    uri = urlsplit(made["uri"])
    name = shop.ana.ok("GET", "/tienda")["nombre"]
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert unquote(uri.path) == f"/{name}:{user['usuario']}"
    assert parse_qs(uri.query) == {"secret": [made["secreto"]], "issuer": [name]}


def test_nothing_is_asked_for_before_it_is_confirmed(shop: RunningShop) -> None:
    user, caller = shop.somebody("Cajero")
    path = f"/users/{user['rut']}/segundo-factor"
    none = {"activo": False, "desde": None, "codigos_restantes": 0}
    assert state(caller, user["rut"]) == none
    refused(caller.put(path, json={"codigo": "123456"}), 404, "no_encontrado")

    first = begin(caller, user["rut"])
    let_in(shop.login(user["usuario"]))
    assert state(caller, user["rut"]) == none
    refused(
        caller.request("DELETE", path, json={"clave_actual": PASSWORD}),
        404,
        "no_encontrado",
    )

    second = begin(caller, user["rut"])
    assert first.secret != second.secret
    unfit(caller.put(path, json={"codigo": first.code()}), "codigo")
    unfit(caller.put(path, json={"codigo": second.code(-9)}), "codigo")
    let_in(shop.login(user["usuario"]))

    codes = caller.ok("PUT", path, {"codigo": second.code()})["codigos"]
    refused(shop.login(user["usuario"]), 401, "segundo_factor")
    assert len(set(codes)) == 10
    bits = {len(code.replace("-", "")) * 5 for code in codes}
    assert min(bits) >= 112
    shown = state(caller, user["rut"])
    assert (shown["activo"], shown["codigos_restantes"]) == (True, 10)
    refused(caller.put(path, json={"codigo": second.code(1)}), 409, "ya_existe")
    body = {"clave_actual": PASSWORD}
    refused(caller.post(path, json=body), 409, "ya_existe")
    assert caller.get("/tienda").status_code == 200, "sessions go on"


def test_the_code_that_confirmed_it_is_used_up(shop: RunningShop) -> None:
    user, caller = shop.somebody("Cajero")
    phone = begin(caller, user["rut"])
    code = phone.code()
    caller.ok("PUT", f"/users/{user['rut']}/segundo-factor", {"codigo": code})
    body = {"usuario": user["usuario"], "clave": PASSWORD, "codigo": code}
    refused(shop.nobody.post("/login", json=body), 401, "credenciales_invalidas")


def test_setting_it_up_takes_the_password(shop: RunningShop) -> None:
    user, caller = shop.somebody("Cajero")
    path = f"/users/{user['rut']}/segundo-factor"
    unfit(caller.post(path, json={"clave_actual": "no-es-esta"}), "clave_actual")
    unfit(caller.post(path, json={}), "clave_actual")


def test_a_right_password_without_a_code_is_told_so_and_a_wrong_one_is_not(
    guarded: Guarded,
) -> None:
    answer = guarded.login()
    refused(answer, 401, "segundo_factor")
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    for code in (None, guarded.phone.code()):
        refused(guarded.login(code, "no-es-esta"), 401, "credenciales_invalidas")
    let_in(guarded.login(guarded.phone.code()))


def test_asking_for_a_code_is_not_counted_as_a_failure(guarded: Guarded) -> None:
    answers = {guarded.login().status_code for _ in range(25)}
    assert answers == {401}
    let_in(guarded.login(guarded.phone.code()))


def test_a_code_is_good_once_and_so_is_none_of_before_it(guarded: Guarded) -> None:
    phone = guarded.phone
    now, following = phone.code(), phone.code(1)
    let_in(guarded.login(following))
    for code in (following, now, phone.code(-1)):
        refused(guarded.login(code), 401, "credenciales_invalidas")


def test_of_two_with_the_same_code_at_once_one_is_let_in(guarded: Guarded) -> None:
    code = guarded.phone.code(1)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(guarded.login, [code] * 6))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200, *[401] * 5]


def test_a_recovery_code_is_good_once(guarded: Guarded) -> None:
    first, second, *_ = guarded.codes
    let_in(guarded.login(first))
    refused(guarded.login(first), 401, "credenciales_invalidas")
    let_in(guarded.login(second.upper().replace("-", " ")))
    assert state(guarded.caller, guarded.rut)["codigos_restantes"] == 8
    let_in(guarded.login(guarded.phone.code()))


def test_of_two_with_the_same_recovery_code_at_once_one_is_let_in(
    guarded: Guarded,
) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(guarded.login, guarded.codes[:1] * 6))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200, *[401] * 5]


def test_a_recovery_code_of_somebody_else_opens_nothing(
    shop: RunningShop, guarded: Guarded
) -> None:
    other = Guarded(shop)
    refused(guarded.login(other.codes[0]), 401, "credenciales_invalidas")


def test_guessing_codes_is_throttled_from_everywhere_and_shuts_nobody_out(
    open_shop: OpenShop,
) -> None:
    own = open_shop(trusted_proxies="127.0.0.1")
    guarded = Guarded(own)

    def guess(number: int) -> httpx.Response:
        body = {"usuario": guarded.name, "clave": PASSWORD, "codigo": f"{number:06}"}
        forwarded = {"X-Forwarded-For": f"203.0.{number}.1"}
        return own.nobody.post("/login", json=body, headers=forwarded)

    good = {guarded.phone.code(later) for later in range(-3, 5)}
    wrong = [number for number in range(60) if f"{number:06}" not in good]
    answers = [guess(number) for number in wrong[:12]]
    for answer in answers[:10]:
        refused(answer, 401, "credenciales_invalidas")
    for answer in answers[10:]:
        refused(answer, 429, "demasiadas_solicitudes")
        assert 1 <= int(answer.headers["retry-after"]) <= 600
    refused(guarded.login(guarded.phone.code()), 429, "demasiadas_solicitudes")
    let_in(guarded.login(guarded.codes[0]))


def test_wrong_codes_count_like_wrong_passwords(guarded: Guarded) -> None:
    answers = [guarded.login("no es un código") for _ in range(12)]
    refused(answers[0], 401, "credenciales_invalidas")
    while len(answers) < 40 and answers[-1].status_code != 429:
        answers.append(guarded.login("no es un código"))
    refused(answers[-1], 429, "demasiadas_solicitudes")
    refused(guarded.login(guarded.codes[0]), 429, "demasiadas_solicitudes")


def test_taking_it_off_takes_password_and_code(guarded: Guarded) -> None:
    unfit(guarded.remove(), "clave_actual")
    unfit(guarded.remove(clave_actual="no-es-esta"), "clave_actual")
    unfit(guarded.remove(clave_actual=PASSWORD), "codigo")
    unfit(guarded.remove(clave_actual=PASSWORD, codigo="123"), "clave_actual")
    refused(guarded.login(), 401, "segundo_factor")

    proof = {"clave_actual": PASSWORD, "codigo": guarded.codes[3]}
    assert guarded.remove(**proof).status_code == 204
    let_in(guarded.login())
    assert state(guarded.caller, guarded.rut)["codigos_restantes"] == 0
    newest = guarded.shop.ana.all("/registros", q="segundo_factor")[0]
    assert newest["accion"] == "segundo_factor_quitado"
    assert newest["detalle"] == {"rut": guarded.rut}


def test_an_administrador_takes_it_off_for_who_lost_telephone_and_codes(
    shop: RunningShop, guarded: Guarded
) -> None:
    for other in (shop.beto, shop.clara):
        refused(other.request("DELETE", guarded.path), 403, "sin_permiso")
    assert shop.ana.request("DELETE", guarded.path).status_code == 204
    let_in(guarded.login())
    refused(shop.ana.request("DELETE", guarded.path), 404, "no_encontrado")
    phone, _ = set_up(guarded.caller, guarded.rut)
    refused(guarded.login(guarded.phone.code()), 401, "credenciales_invalidas")
    let_in(guarded.login(phone.code()))


def test_who_changes_what_leads_into_their_account_gives_a_code_too(
    guarded: Guarded,
) -> None:
    path, caller = f"/users/{guarded.rut}", guarded.caller
    change = {"correo": "otra@ejemplo.cl", "clave_actual": PASSWORD}
    unfit(caller.put(path, json=change), "codigo")
    unfit(caller.put(path, json=change | {"codigo": "000"}), "clave_actual")
    code = guarded.phone.code()
    caller.ok("PUT", path, change | {"codigo": code})
    refused(guarded.login(code), 401, "credenciales_invalidas")
    let_in(guarded.login(guarded.phone.code(1)))


def test_a_new_password_of_an_administrador_leaves_the_second_factor(
    shop: RunningShop, guarded: Guarded
) -> None:
    shop.ana.ok("PUT", f"/users/{guarded.rut}", {"clave": "otra-clave-larga"})
    refused(guarded.login(password="otra-clave-larga"), 401, "segundo_factor")
    shop.ana.ok("PUT", f"/users/{guarded.rut}", {"tipo": "Cliente"})
    refused(guarded.login(password="otra-clave-larga"), 401, "segundo_factor")


def test_secret_and_codes_stand_nowhere_but_in_the_database(
    open_shop: OpenShop,
) -> None:
    own = open_shop()
    guarded = Guarded(own)
    code = guarded.phone.code()
    let_in(guarded.login(code))
    let_in(guarded.login(guarded.codes[0]))
    refused(guarded.login("no-es-esto"), 401, "credenciales_invalidas")
    secrets = {guarded.phone.secret, code, *guarded.codes, "no-es-esto"}

    path = own.server.data / "trastienda.db"
    with sqlite3.connect(path, timeout=30) as database:
        dump = "\n".join(database.iterdump())
    database.close()
    recovery = [
        code
        for code in guarded.codes
        if code in dump or code.replace("-", "").upper() in dump
    ]
    assert recovery == [], "hashes alone are kept"
    elsewhere = [line for line in dump.splitlines() if '"second_factors"' not in line]
    told = "\n".join(
        [
            *elsewhere,
            own.server.log,
            str(own.ana.all("/registros")),
            str(own.ana.all("/users")),
            str(state(own.ana, guarded.rut)),
        ]
    )
    assert not [secret for secret in secrets if len(secret) > 6 and secret in told]
    assert f'"{code}"' not in told
    assert "wrong_code rut=" in own.server.log
    assert "recovery_code rut=" in own.server.log
