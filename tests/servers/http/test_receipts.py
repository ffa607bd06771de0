"""``/boleta`` and ``/boletas``: who gets what, in which medium."""

import pypdfium2  # type: ignore[import-untyped]
import pytest
from tests.conftest import OpenShop
from tests.harness.cast import CLARA_RUT
from tests.harness.http import refused, unfit
from tests.harness.shop import RunningShop
from tests.wire.receipts.escpos_emulator import Printer
from tests.wire.receipts.pictures import codes_in, picture_of_text

from trastienda.servers.http.media import choose_media
from trastienda.wire.receipts.media import ESCPOS, HTML, PDF, PRINTABLE, TEXT

JSON = "application/json"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
DISCLAIMER = "Comprobante interno, no válido como boleta"
TYPES = {
    HTML: "text/html; charset=utf-8",
    PDF: "application/pdf",
    TEXT: "text/plain; charset=utf-8",
    ESCPOS: ESCPOS,
}


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    """A shop with three sales: one plain, one annulled, one of weighed goods with a debt."""
    shop = open_shop(
        shop_name="Almacén Ñandú",
        shop_rut="76123456-0",
        printer_codepage="cp850",
        printer_columns="42",
    )
    bread, cheese = (
        shop.code(nombre="Pan ¡único! €", precio=1990),
        shop.code(nombre="Queso", precio=9990, unidad="kg"),
    )
    shop.sell((bread, 2))
    annulled = shop.sell((bread, 1))["id_venta"]
    shop.beto.ok("POST", f"/ventas/{annulled}/devoluciones", {"motivo": "no era"})
    shop.sell(
        (cheese, 0.35), pagos=[{"medio": "pendiente", "monto": 3497}], cliente=CLARA_RUT
    )
    return shop


def text_of(own: RunningShop, path: str, **query: object) -> str:
    answer = own.beto.get(path, headers={"Accept": TEXT}, params=query)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize("media", PRINTABLE)
@pytest.mark.parametrize("path", ["/boleta/1", "/boletas"])
def test_every_medium_has_its_content_type_and_the_number_of_its_snapshot(
    own: RunningShop, path: str, media: str
) -> None:
    answer = own.beto.get(path, headers={"Accept": media})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == TYPES[media]
    assert "accept" in answer.headers["vary"].split(", ")
    assert answer.headers["trastienda-n"] == own.beto.get(path).headers["trastienda-n"]
    policy = answer.headers["content-security-policy"]
    assert ("style-src" in policy) == (media == HTML)
    head = own.beto.head(path, headers={"Accept": media})
    assert head.headers["content-length"] == answer.headers["content-length"]


@pytest.mark.parametrize(
    ("accept", "shown"),
    [
        (None, JSON),
        ("*/*", JSON),
        (BROWSER, HTML),
        ("text/*", HTML),
        ("application/*", JSON),
        ("text/plain, application/json", JSON),
        ("application/json;q=0.5, application/pdf", PDF),
        ("application/pdf;q=0, */*", JSON),
        ("text/html;q=0, text/*", TEXT),
        ("Application/PDF", PDF),
        ("image/png, application/vnd.escpos;q=0.1", ESCPOS),
    ],
)
def test_accept_chooses_the_medium(
    own: RunningShop, accept: str | None, shown: str
) -> None:
    headers = {} if accept is None else {"Accept": accept}
    for path in ("/boleta/1", "/boletas"):
        answer = own.beto.get(path, headers=headers)
        assert answer.headers["content-type"].partition(";")[0] == shown
        assert "accept" in answer.headers["vary"].split(", ")


@pytest.mark.parametrize(
    "accept",
    ["image/png", "text/html;q=0", "text/csv, text/html;q=x", "application/xml"],
)
def test_a_medium_that_is_not_offered_is_406(own: RunningShop, accept: str) -> None:
    for path in ("/boleta/1", "/boletas"):
        refused(
            own.beto.get(path, headers={"Accept": accept}), 406, "formato_no_disponible"
        )


def test_of_equally_preferred_media_the_first_is_chosen() -> None:
    assert choose_media(b"*/*;q=0.1", (JSON, HTML)) == JSON
    assert choose_media(b"", (JSON, HTML)) is None


def test_html_receipts_may_load_and_run_nothing(own: RunningShop) -> None:
    answer = own.beto.get("/boleta/1", headers={"Accept": HTML})
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert answer.headers["content-security-policy"] == policy
    assert DISCLAIMER in answer.text


def test_the_scannable_code_can_be_read_in_every_medium(own: RunningShop) -> None:
    sale = own.sell((own.code(), 1))["id_venta"]
    path, code = f"/boleta/{sale}", [f"TRASTIENDA.V.{sale}"]
    assert codes_in(picture_of_text(text_of(own, path))) == code
    printed = own.beto.get(path, headers={"Accept": ESCPOS}).content
    assert Printer(42).feed(printed).codes == code
    document = pypdfium2.PdfDocument(
        own.beto.get(path, headers={"Accept": PDF}).content
    )
    assert codes_in(document[0].render(scale=2).to_pil()) == code
    document.close()


def test_a_receipt_is_as_wide_as_asked_for_or_as_the_printer(
    own: RunningShop,
) -> None:
    for columns in (32, 42, 48):
        told = text_of(own, "/boleta/1", ancho=columns)
        assert "-" * columns in told.splitlines()
        printed = own.beto.get(
            "/boleta/1", headers={"Accept": ESCPOS}, params={"ancho": columns}
        ).content
        assert "-" * columns in Printer(columns).feed(printed).receipts[0]
    assert "-" * 42 in text_of(own, "/boleta/1").splitlines()


@pytest.mark.parametrize("media", [JSON, *PRINTABLE])
@pytest.mark.parametrize("path", ["/boleta/1", "/boletas"])
def test_other_widths_and_parameters_are_refused_in_every_medium(
    own: RunningShop, path: str, media: str
) -> None:
    for wrong in ("33", "", "048", "\uff14\uff18", "x"):
        unfit(
            own.beto.get(path, headers={"Accept": media}, params={"ancho": wrong}),
            "ancho",
        )
    unfit(
        own.beto.get(path, headers={"Accept": media}, params={"columnas": "32"}),
        "columnas",
    )


def test_the_settings_say_what_the_printer_can_write(own: RunningShop) -> None:
    printed = own.beto.get("/boleta/1", headers={"Accept": ESCPOS}).content
    (lines,) = Printer(42).feed(printed).receipts
    assert lines[0].split() == ["Almacén", "Ñandú"]
    assert "Pan ¡único! EUR" + "$3.980".rjust(27) in lines


def test_a_receipt_shows_units_of_weighed_goods_and_who_owes(
    own: RunningShop,
) -> None:
    told = text_of(own, "/boleta/3")
    assert "0,350 kg × $9.990" in told
    assert "Cliente: RUT 33.333.333-3" in told
    assert "PENDIENTE DE PAGO" in told


def test_a_receipt_of_an_annulled_sale_says_so(own: RunningShop) -> None:
    assert "ANULADA" in text_of(own, "/boleta/2")
    assert "ANULADA" not in text_of(own, "/boleta/1")


def test_a_printed_page_holds_each_receipt_once(own: RunningShop) -> None:
    sales = [
        f"TRASTIENDA.V.{one['id_venta']}"
        for one in own.beto.ok("GET", "/boletas")["datos"]
    ]
    assert codes_in(picture_of_text(text_of(own, "/boletas"))) == sales
    printed = own.beto.get("/boletas", headers={"Accept": ESCPOS}).content
    assert Printer(42).feed(printed).codes == sales
    document = pypdfium2.PdfDocument(
        own.beto.get("/boletas", headers={"Accept": PDF}).content
    )
    assert len(document) == len(sales)
    document.close()
    page = own.beto.get("/boletas", headers={"Accept": HTML}, params={"limite": 2}).text
    assert page.count("</article>") == 2


def test_a_list_that_is_too_long_to_draw_is_refused(
    own: RunningShop,
) -> None:
    codes = [own.code() for _ in range(500)]
    for _ in range(11):
        own.sell(*((code, 1) for code in codes), by=own.ana)
    headers = {"Accept": TEXT}
    told = unfit(
        own.ana.get("/boletas", headers=headers, params={"limite": 11}), "limite"
    )
    assert "5000" in told["limite"]
    assert (
        own.ana.get("/boletas", headers=headers, params={"limite": 10}).status_code
        == 200
    )
    assert len(own.ana.ok("GET", "/boletas", params={"limite": 11})["datos"]) == 11


@pytest.mark.parametrize("media", PRINTABLE)
def test_a_receipt_that_may_not_be_seen_is_not_printed(
    own: RunningShop, media: str
) -> None:
    headers = {"Accept": media}
    refused(own.nobody.get("/boleta/1", headers=headers), 401, "no_autenticado")
    refused(own.clara.get("/boleta/1", headers=headers), 404, "no_encontrado")
    refused(own.beto.get("/boleta/x", headers=headers), 404, "no_encontrado")
    assert own.clara.get("/boleta/3", headers=headers).status_code == 200


def test_the_openapi_document_lists_the_media(own: RunningShop) -> None:
    paths = own.nobody.ok("GET", "/openapi.json")["paths"]
    for path in ("/boleta/{id_venta}", "/boletas"):
        assert set(paths[path]["get"]["responses"]["200"]["content"]) == {
            JSON,
            *PRINTABLE,
        }
