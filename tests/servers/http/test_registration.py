"""``POST /register``: who may have an account, and under which names."""

from typing import Any

import pytest
from tests.conftest import OpenShop
from tests.harness.cast import BETO_RUT, PASSWORD, new_rut
from tests.harness.http import refused, unfit
from tests.harness.shop import RunningShop


def form(**fields: Any) -> dict[str, Any]:
    """The body of a registration that is in order."""
    rut = new_rut()
    body = {"rut": rut, "nombre": "Alguien", "usuario": f"u{rut}", "clave": PASSWORD}
    return body | fields


class TestRegistering:
    """``POST /register``."""

    def test_a_stranger_becomes_an_unverified_cliente(self, shop: RunningShop) -> None:
        body = form(correo="a@b.cl")
        answer = shop.nobody.post("/register", json=body)
        assert answer.status_code == 201
        user = answer.json()
        assert user.pop("creado")
        assert user == {
            "rut": body["rut"],
            "nombre": "Alguien",
            "correo": "a@b.cl",
            "usuario": body["usuario"],
            "tipo": "Cliente",
            "estado": "Activo",
            "verificado": False,
        }

    @pytest.mark.parametrize("tipo", ["Administrador", "Cajero"])
    def test_only_an_administrador_registers_staff(
        self, shop: RunningShop, tipo: str
    ) -> None:
        for caller in (shop.nobody, shop.clara, shop.beto):
            refused(caller.post("/register", json=form(tipo=tipo)), 403, "sin_permiso")
        made = shop.ana.post("/register", json=form(tipo=tipo))
        assert made.status_code == 201
        assert (made.json()["tipo"], made.json()["verificado"]) == (tipo, True)

    def test_a_cliente_registered_by_an_administrador_is_verified(
        self, shop: RunningShop
    ) -> None:
        assert shop.ana.post("/register", json=form()).json()["verificado"] is True
        assert shop.nobody.post("/register", json=form()).json()["verificado"] is False

    @pytest.mark.parametrize(
        "spell",
        [
            str,
            lambda rut: rut.replace("-", ""),
            lambda rut: f"{rut[:2]}.{rut[2:5]}.{rut[5:]}",
            " {} ".format,
        ],
    )
    def test_a_rut_is_accepted_in_any_spelling_and_stored_in_one(
        self, shop: RunningShop, spell: Any
    ) -> None:
        rut = new_rut()
        assert shop.nobody.ok("POST", "/register", form(rut=spell(rut)))["rut"] == rut
        refused(shop.nobody.post("/register", json=form(rut=rut)), 409, "ya_existe")

    def test_the_letter_of_a_rut_is_stored_in_upper_case(
        self, shop: RunningShop
    ) -> None:
        assert (
            shop.nobody.ok("POST", "/register", form(rut="20.000.003-k"))["rut"]
            == "20000003-K"
        )
        assert shop.ana.ok("GET", "/users/20000003k")["rut"] == "20000003-K"

    def test_a_rut_and_a_user_name_belong_to_one_user(self, shop: RunningShop) -> None:
        body = form(usuario=f"Pepe{new_rut()}")
        shop.nobody.ok("POST", "/register", body)
        told = refused(
            shop.nobody.post("/register", json=form(rut=body["rut"])), 409, "ya_existe"
        )
        assert told["campo"] == "rut"
        for name in (body["usuario"], body["usuario"].upper(), f" {body['usuario']} "):
            told = refused(
                shop.nobody.post("/register", json=form(usuario=name)), 409, "ya_existe"
            )
            assert told["campo"] == "usuario"

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("rut", ""),
            ("rut", "11111111-2"),
            ("rut", "0-0"),
            ("rut", "1234567890-1"),
            ("rut", "11.11.1111-1"),
            ("rut", "1-9\x00"),
            ("rut", "\uff11-9"),
            ("rut", 19),
            ("nombre", ""),
            ("nombre", "x" * 201),
            ("nombre", "a\u0007"),
            ("nombre", "\u3164"),
            ("nombre", "\u2800\u2000"),
            ("usuario", ""),
            ("usuario", "con espacio"),
            ("usuario", "x" * 65),
            ("usuario", "a/b"),
            ("usuario", "a\x00"),
            ("usuario", BETO_RUT),
            ("usuario", "22222222-2"),
            ("usuario", "222222222"),
            ("clave", "1234567"),
            ("clave", "x" * 257),
            ("clave", "12345678"),
            ("clave", "Password1"),
            ("clave", "        "),
            ("clave", "trastienda"),
            ("clave", "alguien2026"),
            ("clave", None),
            ("correo", "nada"),
            ("correo", "a b@c"),
            ("correo", "a@" + "b" * 260),
            ("tipo", "Jefe"),
            ("tipo", "cliente"),
            ("verificado", True),
            ("estado", "Activo"),
            ("password", "12345678"),
        ],
    )
    def test_the_refusal_of_an_unfit_value_names_its_field(
        self, shop: RunningShop, field: str, value: Any
    ) -> None:
        unfit(shop.nobody.post("/register", json=form(**{field: value})), field)

    @pytest.mark.parametrize("missing", ["rut", "nombre", "usuario", "clave"])
    def test_rut_name_user_name_and_password_are_required(
        self, shop: RunningShop, missing: str
    ) -> None:
        body = form()
        del body[missing]
        unfit(shop.nobody.post("/register", json=body), missing)

    def test_a_password_may_be_in_any_script(self, shop: RunningShop) -> None:
        body = form(clave="contraseña 密码 🔑")
        shop.nobody.ok("POST", "/register", body)
        assert shop.login(body["usuario"], body["clave"]).status_code == 200

    def test_no_answer_registro_or_log_holds_a_password_or_its_hash(
        self, shop: RunningShop
    ) -> None:
        body = form(clave="muy-secreta-1")
        answer = shop.ana.post("/register", json=body)
        shop.ana.ok("PUT", f"/users/{body['rut']}", {"clave": "muy-secreta-2"})
        told = (
            answer.text
            + shop.ana.get("/registros").text
            + shop.ana.get("/users").text
            + shop.server.log
        )
        assert "muy-secreta" not in told
        assert "argon2" not in told

    def test_a_registration_with_a_bad_token_is_refused(
        self, shop: RunningShop
    ) -> None:
        refused(
            shop.caller("basura").post("/register", json=form()), 401, "no_autenticado"
        )


class TestNames:
    """User names that strangers do not give to themselves."""

    @pytest.mark.parametrize(
        "username",
        ["Administrador", "soporte", "caja", "admin1", "root", "mi.tienda"],
    )
    def test_an_office_or_the_shop_is_named_by_an_administrador_alone(
        self, shop: RunningShop, username: str
    ) -> None:
        body = form(usuario=username)
        for caller in (shop.nobody, shop.clara, shop.beto):
            reasons = unfit(caller.post("/register", json=body), "usuario")
            assert "tienda" in reasons["usuario"]
        made = shop.ana.ok("POST", "/register", body)
        assert made["usuario"] == username
        shop.ana.ok("PUT", f"/users/{made['rut']}", {"usuario": made["rut"]})

    @pytest.mark.parametrize("username", ["BET0", "b.eto", "betó"])
    def test_a_name_that_passes_for_another_is_taken(
        self, shop: RunningShop, username: str
    ) -> None:
        refused(
            shop.nobody.post("/register", json=form(usuario=username)),
            409,
            "ya_existe",
        )

    @pytest.mark.parametrize(
        "username", ["\u0430dmin", "p\u0435dro", "clar\u0430", "a\u3164b"]
    )
    def test_letters_of_two_alphabets_make_no_user_name(
        self, shop: RunningShop, username: str
    ) -> None:
        for caller in (shop.nobody, shop.ana):
            unfit(caller.post("/register", json=form(usuario=username)), "usuario")


def test_a_closed_shop_has_accounts_made_by_an_administrador_alone(
    open_shop: OpenShop,
) -> None:
    shop = open_shop(registration="cerrada")
    for caller in (shop.nobody, shop.clara, shop.beto):
        answer = caller.post("/register", json=form())
        refused(answer, 403, "sin_permiso")
        assert "Administrador" in answer.json()["detail"]
    assert shop.ana.post("/register", json=form()).status_code == 201
