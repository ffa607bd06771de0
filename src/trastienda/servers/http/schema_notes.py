"""What the shapes of the wire mean and which values they take, for the OpenAPI document.

By the name of a field, or by shape and field where the name means something else there.
"""

from typing import Any

from trastienda.domain.emails import MAX_EMAIL_LENGTH
from trastienda.domain.money import MAX_MONEY_MINOR
from trastienda.domain.orders import MAX_LINES
from trastienda.domain.passwords import MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH
from trastienda.domain.payments import MAX_PAYMENTS
from trastienda.domain.quantities import MAX_QUANTITY_MILLI, MILLI
from trastienda.domain.shop import MAX_LABEL_LAYOUTS
from trastienda.domain.text import MAX_NAME, MAX_TEXT

Schema = dict[str, Any]

DESCRIPTIONS = {
    "accion": "Qué se hizo",
    "actual": "Si es la sesión de quien pregunta",
    "ajuste_redondeo": "Lo que el redondeo del efectivo agregó al total",
    "ajuste_redondeo_menos_devoluciones": "Redondeo de las ventas menos el de las devoluciones",
    "base_de_datos": "El programa que guarda la tienda, y su versión",
    "campos": "Por cada campo que no sirve, por qué",
    "canonico": "El texto que cubre el hash del registro",
    "cantidad": "Cuánto, en la unidad del producto; con tres decimales a lo sumo",
    "cantidad_devuelta": "Cuánto volvió",
    "categoria": "Categoría del producto",
    "causa": "Por qué se movió el stock",
    "clave": "Clave",
    "clave_actual": "La clave que tiene ahora",
    "cliente": "RUT del cliente",
    "cobros": "Lo que se cobró de deudas por este medio",
    "codigo": "Palabra estable del rechazo",
    "codigo_barras": "Código del producto",
    "codigos": "Códigos de recuperación",
    "codigos_restantes": "Cuántos códigos de recuperación quedan",
    "creador": "Quién la hizo",
    "direcciones": "Desde qué direcciones vale",
    "id_llave": "Lo que nombra a la llave",
    "llave": "La llave, que se muestra esta sola vez",
    "secreto": "El secreto para la aplicación de códigos",
    "uri": "El secreto como dirección, para un código QR",
    "activo": "Si está en uso",
    "entregado": "El número del último anuncio entregado, o que no es para esa dirección",
    "eventos": "Los nombres de los anuncios; null son todos menos mensaje",
    "id_aviso": "Lo que nombra al aviso",
    "intento": "Qué intento fue, de ese anuncio",
    "n": "El número del anuncio",
    "pendiente_desde": "Cuándo se anunció lo que espera; null si nada espera",
    "proximo_intento": "Cuándo se prueba otra vez; null si ahora, o si nada espera",
    "respuesta": "Cómo empezó lo que contestó, o por qué no hay respuesta",
    "secreto_nuevo": "Si se hace otro secreto; el anterior firma también durante un día",
    "url": "A dónde se envía",
    "ultimo": "El último envío; null si no hubo",
    "comprador": "Quién recibió la compra",
    "contiene": "Si la etiqueta lleva un peso en gramos o un precio",
    "copia_pendiente": "Por qué no se hizo la copia que toca; null si no toca ninguna",
    "correo": "Dirección de correo",
    "costo": "Costo de una unidad, sin IVA",
    "creada": "Cuándo empezó",
    "creado": "Cuándo se hizo la cuenta",
    "datos": "Las filas",
    "debe_cambiar": "Si la clave es provisoria",
    "descuento": "Cuánto más barato que precio_unitario",
    "desde": "Cuándo empieza",
    "detail": "El rechazo en una frase",
    "detalle": "Las líneas del documento",
    "detalles": "Cómo están el disco y las copias; solo para el personal",
    "devoluciones": "Lo que volvió",
    "digitos_codigo": "Cuántos dígitos de la etiqueta son el código del producto",
    "direccion": "Dirección de la tienda",
    "disco_escaso": "Si queda poco espacio en el disco",
    "disco_libre_bytes": "Espacio libre en el disco, en bytes",
    "documento": "Documento del proveedor",
    "en_cola": "Cuántas boletas esperan la impresora",
    "estado": "Activo o Inactivo; de un aparato o del servidor, cómo está",
    "devolucion_grande": "De una devolución de tanto se avisa; 0, de ninguna",
    "etiquetas": "Cómo imprimen sus etiquetas las balanzas, por prefijo",
    "exento": "Si no lleva IVA; de un documento, la parte del total que no lo lleva",
    "exento_menos_devoluciones": "Lo exento de las ventas menos el de las devoluciones",
    "expira_en": "Segundos que dura el token",
    "fecha": "Cuándo ocurrió",
    "folio": "Número de la boleta, sin saltos; null en ventas importadas",
    "giro": "A qué se dedica la tienda",
    "hash": "SHA-256 del registro, sobre hash_anterior y canonico",
    "hash_anterior": "Hash del registro anterior",
    "hasta": "Cuándo termina",
    "id": "Número de la fila",
    "id_compra": "Número de la compra",
    "id_devolucion": "Número de la devolución",
    "id_venta": "Número de la venta",
    "impresora": "La impresora, como la nombra TRASTIENDA_PRINTER; null si no hay",
    "interno": "El código es propio de la tienda y no lleva dígito verificador",
    "iva": "El impuesto del total; de la tienda, su tasa en por ciento",
    "iva_menos_devoluciones": "IVA de las ventas menos el de las devoluciones",
    "margen": "Lo que queda sin impuesto, quitado el costo",
    "medio": "Con qué se paga",
    "mitad_abajo": "Si justo la mitad se redondea hacia abajo",
    "moneda": "Código ISO 4217 de la moneda",
    "monto": "Dinero, en la unidad menor de la moneda",
    "motivo": "Por qué",
    "multiplo": "A múltiplos de qué se redondea el efectivo",
    "neto": "Lo afecto, sin IVA",
    "neto_menos_devoluciones": "Neto de las ventas menos el de las devoluciones",
    "nombre": "Nombre",
    "numero_origen": "Número del documento importado",
    "origen": "De dónde vino la llamada",
    "pagos": "Cómo se paga",
    "pais": "Código ISO 3166 del país",
    "pendiente": "Lo que aún se debe de la venta",
    "por_dia": "Por día; los días sin nada no aparecen",
    "por_medio": "Por medio de pago",
    "por_producto": "Por producto, el mayor total primero",
    "por_vendedor": "Por vendedor; null es lo importado",
    "porcentaje": "Descuento en por ciento, con dos decimales a lo sumo",
    "precio": "Precio de una unidad, con IVA",
    "precio_final": "Precio de una unidad ahora, con el descuento quitado",
    "precio_unitario": "Precio de una unidad al venderla, sin descuento",
    "prefijo": "Primeros dos dígitos de la etiqueta",
    "productos": "Cuántos productos tiene",
    "programa": "El último programa que la usó, como él se llama",
    "proveedor": "Proveedor",
    "quien": "Quién lo hizo; null si fue por la línea de comandos",
    "redondeo_efectivo": "Cómo se redondea el efectivo; null: como dice la ley del país",
    "referencia": "Número de la venta, devolución o compra que movió el stock",
    "reponer": "Si lo que vuelve se repone en el estante",
    "rut": "RUT de una persona o empresa",
    "saldo": "Stock después del movimiento",
    "siguiente": "Cursor de la página que sigue; null en la última",
    "status": "Estado HTTP",
    "stock": "Cuánto queda",
    "stock_minimo": "Por debajo de esto, el producto está bajo su mínimo",
    "tareas": "Si las tareas diarias están en marcha",
    "tienda": "La tienda",
    "texto": "Lo que dice una notificación",
    "tipo": "Tipo de usuario",
    "titulo": "De qué trata una notificación",
    "title": "El rechazo en dos palabras",
    "token": "Token de acceso",
    "token_refresco": "Token de refresco, que sirve una vez",
    "total": "Cuánto suma",
    "total_esperado": "El total que se le mostró al cliente; si es otro, 409",
    "total_menos_devoluciones": "Total de las ventas menos el de las devoluciones",
    "type": "El rechazo como URN",
    "ultima_copia": "Cuándo se hizo la copia más nueva; null si no hay",
    "ultimo_error": "Qué impide imprimir; null si nada, que se sepa",
    "unidad": "En qué se mide el producto",
    "usada": "Cuándo empezó o se refrescó por última vez",
    "usuario": "Nombre de usuario; para entrar sirve también el RUT",
    "vendedor": "Quién vendió o recibió lo devuelto",
    "visto": "Cuándo la vio su persona; null si no la ha visto",
    "ventas": "Número de ventas",
    "verificado": "Si el personal confirmó que el RUT es suyo",
    "vuelto": "El vuelto",
    "zona_horaria": "Zona horaria de la tienda; decide qué es un día",
    "Producto.descuento": "Su descuento con fechas",
    "ProductoNuevo.descuento": "Su descuento con fechas",
    "ProductoCambio.descuento": "Su descuento con fechas; null lo quita",
    "ProductoCambio.stock": "Un conteo: cuánto hay; pide motivo",
    "RegistroEscrito.detalle": "Lo que cuenta el registro",
    "RegistroNuevo.detalle": "Lo que cuenta el registro",
    "Aviso.creado": "Cuándo se agregó",
    "Aviso.motivo": "Por qué está apagado: pedido, rechazado, fallas o secreto; null si no",
    "Aviso.secreto": "El secreto con que se firma, que se muestra esta sola vez",
    "PruebaDeAviso.entregado": "Si la recibió",
    "PruebaDeAviso.estado": "El estado HTTP que contestó; null si no contestó",
    "UltimoIntento.estado": "El estado HTTP que contestó; null si no contestó",
    "UltimoIntento.fecha": "Cuándo fue",
    "Sesion.usuario": "De quién es la sesión",
    "SesionAbierta.desde": "De qué dirección",
}
"""In Spanish, as the document is."""

_NAME = {"minLength": 1, "maxLength": MAX_NAME}
_MAY_BE_EMPTY = {"maxLength": MAX_NAME}
_TEXT = {"minLength": 1, "maxLength": MAX_TEXT}
_MONEY = {"minimum": 0, "maximum": MAX_MONEY_MINOR}
_QUANTITY = {"minimum": 0, "maximum": MAX_QUANTITY_MILLI // MILLI}
_SOME = {**_QUANTITY, "minimum": 1 / MILLI}
_LINES = {"minItems": 1, "maxItems": MAX_LINES}
_PAYMENTS = {"minItems": 1, "maxItems": MAX_PAYMENTS}
_TIME = {"format": "date-time"}
_DAY = {"format": "date"}
_RUT = {"minLength": 2, "maxLength": 20}

LIMITS: dict[str, Schema] = {
    "cantidad": _SOME,
    "categoria": _MAY_BE_EMPTY,
    "clave": {"minLength": MIN_PASSWORD_LENGTH, "maxLength": MAX_PASSWORD_LENGTH},
    "cliente": _RUT,
    "codigo_barras": {"pattern": "^[!-.0-~]{1,48}$"},
    "correo": {"format": "email", "maxLength": MAX_EMAIL_LENGTH},
    "costo": _MONEY,
    "desde": _TIME,
    "detalle": _LINES,
    "digitos_codigo": {"minimum": 3, "maximum": 6},
    "direccion": _MAY_BE_EMPTY,
    "documento": _MAY_BE_EMPTY,
    "etiquetas": {"maxItems": MAX_LABEL_LAYOUTS},
    "giro": _MAY_BE_EMPTY,
    "hasta": _TIME,
    "iva": {"minimum": 0, "maximum": 100},
    "moneda": {"pattern": "^[A-Z]{3}$"},
    "monto": _MONEY,
    "motivo": _TEXT,
    "multiplo": {"minimum": 1, "maximum": 1000},
    "nombre": _NAME,
    "pagos": _PAYMENTS,
    "pais": {"pattern": "^[A-Z]{2}$"},
    "porcentaje": {"exclusiveMinimum": 0, "maximum": 100},
    "precio": _MONEY,
    "prefijo": {"pattern": "^2[0-9]$"},
    "proveedor": _NAME,
    "rut": _RUT,
    "stock": _QUANTITY,
    "stock_minimo": _QUANTITY,
    "total": _MONEY,
    "total_esperado": {"minimum": 0},
    "usuario": {"pattern": r"^[\w.@+-]{1,64}$"},
    "Credenciales.clave": {},
    "Credenciales.usuario": {},
    "Descuento.monto": {**_MONEY, "minimum": 1},
    "ProductoCambio.motivo": {},
    "DevolucionPedida.detalle": _LINES,
    "RegistroNuevo.accion": {"minLength": 1, "maxLength": 64},
    "RegistroNuevo.detalle": {"maxLength": MAX_TEXT},
}
"""What is taken, of bodies of requests; the rules of the business stand behind it."""

FORMATS: dict[str, Schema] = {
    "creada": _TIME,
    "creado": _TIME,
    "fecha": _TIME,
    "ultima_copia": _TIME,
    "usada": _TIME,
    "Resumen.desde": _DAY,
    "Resumen.hasta": _DAY,
    "ResumenDia.fecha": _DAY,
}
"""What is answered."""

_KINDS = {
    "string": {"minLength", "maxLength", "pattern", "format"},
    "integer": {"minimum", "maximum", "exclusiveMinimum"},
    "number": {"minimum", "maximum", "exclusiveMinimum"},
    "array": {"minItems", "maxItems"},
}


def annotate(
    name: str,
    schema: Schema,
) -> None:
    """Say in a shape's schema what its fields mean, and what they take."""
    is_body = schema.get("additionalProperties") is False
    limits = LIMITS if is_body else FORMATS
    for field, value in schema.get("properties", {}).items():
        by_shape = f"{name}.{field}"
        description = DESCRIPTIONS.get(by_shape, DESCRIPTIONS.get(field))
        if description is not None:
            value["description"] = description
        limit = limits.get(by_shape, limits.get(field, {}))
        for kind in value.get("anyOf", [value]):
            allowed = _KINDS.get(kind.get("type", ""), set())
            kind |= {word: limit[word] for word in limit.keys() & allowed}


EXAMPLES: dict[str, Any] = {
    "accion": "producto_cambiado",
    "base_de_datos": "SQLite 3.40.1",
    "canonico": "{}",
    "cantidad": 2,
    "cantidad_devuelta": 0,
    "categoria": "Lácteos",
    "cliente": None,
    "clave": "una-clave-larga",
    "codigo": "no_encontrado",
    "codigo_barras": "7802800013210",
    "correo": "elena@ejemplo.cl",
    "costo": 690,
    "detail": "No existe lo que pides.",
    "direccion": "Av. Matta 123, Santiago",
    "documento": "Factura 1042",
    "exento": 0,
    "folio": 1,
    "giro": "Almacén",
    "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "iva": 380,
    "monto": 2380,
    "moneda": "CLP",
    "motivo": "conteo",
    "neto": 2000,
    "nombre": "Leche entera 1 L",
    "origen": "http 192.168.1.20",
    "pais": "CL",
    "precio": 1190,
    "precio_final": 1190,
    "precio_unitario": 1190,
    "prefijo": "24",
    "programa": "Firefox",
    "proveedor": "Distribuidora Sur",
    "rut": "12345678-5",
    "saldo": 24,
    "siguiente": None,
    "status": 404,
    "stock": 24,
    "stock_minimo": 6,
    "title": "No encontrado",
    "token": "eyJhbGciOiJIUzI1NiJ9.…",
    "token_refresco": "el-de-la-sesion",
    "total": 2380,
    "type": "urn:trastienda:no_encontrado",
    "usuario": "elena",
    "zona_horaria": "America/Santiago",
    "Persona.nombre": "Elena",
    "Producto.exento": False,
    "Tienda.iva": 19,
    "Tienda.nombre": "Mi tienda",
    "Usuario.nombre": "Elena",
}
"""Values of answers, where the kind of the field does not suggest one."""
_BY_FORMAT = {"date": "2026-01-31", "date-time": "2026-01-31T09:30:00.000-03:00"}
_BY_KIND = {
    "string": "texto",
    "integer": 1,
    "number": 1,
    "boolean": False,
    "object": {},
    "null": None,
}


def example(
    schema: Schema,
    schemas: dict[str, Schema],
    place: str = "",
) -> Any:
    """Return a value that a schema describes; ``place`` is its field, behind its shape."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return example(schemas[name], schemas, name)
    field = place.rpartition(".")[2]
    for key in (place, field):
        if key in EXAMPLES and "properties" not in schema:
            return EXAMPLES[key]
    if "anyOf" in schema:
        return example(schema["anyOf"][0], schemas, place)
    if "enum" in schema:
        return schema["enum"][0]
    if "properties" in schema:
        return {
            name: example(value, schemas, f"{place}.{name}")
            for name, value in schema["properties"].items()
            if name in schema["required"]
        }

    kind = schema.get("type", "object")
    if kind == "array":
        return [example(schema["items"], schemas, place)]
    return _BY_FORMAT.get(schema.get("format", ""), _BY_KIND[kind])
