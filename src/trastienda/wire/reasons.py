"""Why a value is refused, in words: one table that all wires and imports read."""

from trastienda.domain.errors import Invalid
from trastienda.wire.written import money

REASONS = {
    "mixed_scripts": "mezcla letras de distintos alfabetos",
    "alias_is_rut": "es un RUT; elige un nombre",
    "alias_shape": "debe tener de 1 a 32 letras, números, puntos o guiones, sin espacios, "
    "y empezar con letra o número",
    "amount_range": "debe ser un monto entero entre 0 y un billón",
    "body_shape": "no tiene la forma esperada: {problem}",
    "client_id_shape": "debe tener de 1 a {limit} caracteres visibles",
    "code_shape": "debe tener de 1 a 48 caracteres ASCII visibles, sin espacios ni «/»",
    "code_required": "falta: tu cuenta tiene un segundo factor; es el código que muestra tu "
    "teléfono, o uno de recuperación",
    "code_wrong": "no es el código que tu teléfono muestra ahora; revisa también su hora",
    "control_characters": "no puede llevar caracteres de control",
    "country_shape": "debe ser un código de país de dos letras mayúsculas, como CL",
    "current_password_required": "falta: quien cambia su clave o su correo da "
    "también la clave que tiene ahora",
    "currency_unknown": "no es una moneda conocida (código ISO 4217, como CLP)",
    "cursor": "no es un cursor de esta lista",
    "debt_needs_customer": "hace falta para dejar dinero pendiente",
    "debt_with_debt": "una deuda no se paga dejándola pendiente",
    "discount_one_of": "lleva porcentaje o monto, uno de los dos",
    "email_shape": "no parece una dirección de correo",
    "gtin_check_digit": "el dígito verificador debe ser {expected}; "
    "si es un código propio, usa «interno»: true",
    "import_sealed": "es de ventas pasadas, que quedan selladas y no se pueden quitar; "
    "si hace falta, restaura un respaldo de antes con «trastienda restore»",
    "import_touched": "no se deshizo: desde entonces se vendió o se cambió {codes} "
    "(si lo cambió otra importación, se deshace primero esa)",
    "import_undone": "ya se deshizo",
    "in_the_past": "ya pasó; debe ser un momento por venir",
    "key_shape": "no tiene la forma esperada: de 1 a 200 caracteres ASCII imprimibles",
    "label_code_digits": "debe estar entre 3 y 6",
    "label_holds": "debe ser «peso» o «precio»",
    "label_prefix": "debe ser un prefijo de 20 a 29",
    "label_prefix_twice": "cada prefijo puede aparecer una sola vez",
    "limit_range": "debe ser un entero de 1 a 200",
    "lost_zeros": "parece ser el código «{code}» ({name}) sin sus ceros",
    "minutes_range": "debe ser un número entero de 1 a {limit}",
    "missing_value": "falta",
    "more_than_owed": "es más de lo que se debe",
    "method_or_payments": "va medio o pagos, uno de los dos",
    "more_than_price": "no puede ser mayor que el precio; baja o quita el descuento",
    "more_than_total": "lo que no es efectivo no puede superar el total",
    "must_be_positive": "debe ser mayor que cero",
    "must_not_be_empty": "no puede estar vacío",
    "must_not_be_negative": "no puede ser negativo",
    "ends_before_it_begins": "no puede ser anterior al comienzo",
    "room_of_the_shop": "es de la tienda, y no se archiva",
    "since_alone": "va solo, o con «limite» y «cursor»: pide lo que cambió y filtra después",
    "span_too_long": "deja más de {limit} días entre el comienzo y el fin",
    "name_of_several": "es el nombre de varios productos; usa el código",
    "network_of_this_machine": "tiene direcciones de este mismo equipo",
    "network_too_wide": "es una red demasiado grande; la más grande es /{limit}",
    "not_a_date": "debe ser una fecha AAAA-MM-DD",
    "not_a_network": "no es una dirección ni una red; se escriben como 192.0.2.7 y 192.0.2.0/24",
    "not_a_time": "debe ser un instante RFC 3339 con su desfase, como 2026-01-31T09:30:00-03:00",
    "not_an_option": "debe ser una de estas opciones: {options}",
    "not_in_shop": "no es de ningún producto de la tienda",
    "not_in_shop_of_price_list": "no es de ningún producto de la tienda",
    "not_yours_to_set": "no se puede cambiar",
    "password_common": "es de las más usadas, que otros prueban primero; elige otra, por "
    "ejemplo tres palabras que nadie pondría juntas",
    "password_name": "es un nombre que otros conocen, de la tienda o de la persona, y lo prueban "
    "primero; elige otra, por ejemplo tres palabras que nadie pondría juntas",
    "password_row": "es un solo carácter o una serie, que otros prueban primero; elige otra, por "
    "ejemplo tres palabras que nadie pondría juntas",
    "password_same": "es la que ya tienes, y otros la han visto; elige otra",
    "password_short": "debe tener al menos {limit} caracteres",
    "password_or_code_wrong": "no es la clave actual, o el código no vale; cada código vale una "
    "sola vez, así que espera el siguiente",
    "password_wrong": "no es la clave actual",
    "percentage_range": "debe ser mayor que 0 y no más de 100, con dos decimales a lo sumo",
    "period_with_days": "no va junto con «desde» ni «hasta»: elige lo uno o lo otro",
    "cost_or_total": "debe ser lo uno o lo otro: «costo» por unidad, o «total» de la línea",
    "provisional_for_oneself": "no es para la clave propia: provisional es la que otra "
    "persona ha visto",
    "quotes_missing": 'lleva espacios: va entre comillas, así: "una clave con espacios"',
    "quantity_costs_nothing": "es tan poco que no llega a costar nada; pide más",
    "quantity_decimals": "admite tres decimales a lo sumo",
    "quantity_two_ways": "se lee de dos maneras; escribe 1500, o 1,5",
    "parts_left": "quedan fracciones; cuenta primero cuántas unidades enteras hay",
    "parts_sold": "ya se vendieron fracciones; crea otro producto, con otro código",
    "query_encoding": "no tiene la forma esperada: debe ser texto UTF-8 codificado",
    "refund_differs": "debe sumar lo que hay que devolver: {due_minor}",
    "refund_method": "una devolución no puede quedar pendiente",
    "repeated": "viene más de una vez",
    "required": "falta",
    "reserved_name": "es un nombre que usa la propia tienda",
    "room_shape": "debe tener de 1 a 32 letras, números o guiones, y empezar con letra o número",
    "rounding_step": "debe estar entre 1 y 1000",
    "rut_check_digit": "el dígito verificador del RUT no corresponde",
    "rut_shape": "no es un RUT; se escribe como 12345678-5",
    "timezone_unknown": "no es una zona horaria conocida, como America/Santiago",
    "too_large": "es demasiado grande",
    "too_long": "puede tener {limit} caracteres a lo sumo",
    "too_many": "puede tener {limit} elementos a lo sumo",
    "too_many_lines": "abarca más de {limit} líneas de venta, demasiadas para imprimirlas juntas",
    "total_too_large": "el total es demasiado grande",
    "unknown": "no se conoce",
    "until_before_from": "debe ser posterior a «desde»",
    "url_credentials": "no puede llevar usuario ni clave",
    "url_plain": "debe empezar con https://",
    "url_private": "es de un equipo que no está abierto a internet; quien administra el servidor "
    "lo permite con TRASTIENDA_WEBHOOKS_PRIVATE",
    "url_shape": "debe ser una dirección como https://sistema.cl/avisos",
    "username_is_rut": "es el RUT de otra persona",
    "username_shape": "admite letras, números y los signos . _ - @ +, hasta 64",
    "vat_range": "debe estar entre 0 y 100, con dos decimales a lo sumo",
    "whole_units_only": "el producto se vende por unidad: solo cantidades enteras",
    "whole_number": "debe ser un número entero",
    "wrong_type": "debe ser {expected}",
}
"""Why a value is not fit: what follows the name of the field."""


def reason(refusal: Invalid) -> str:
    """Return why the value is not fit, in words; data in minor units are amounts."""
    data = {
        name: money(value, refusal.shop) if name.endswith("_minor") else value
        for name, value in refusal.data.items()
    }
    return REASONS[refusal.reason].format(**data)
