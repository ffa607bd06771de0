"""What the sample shop sells: invented products with real check digits."""

from collections.abc import Mapping

from msgspec import Struct

from trastienda.domain.barcode import check_digit
from trastienda.domain.products import Unit


class Good(Struct, frozen=True):
    """A product of the sample shop."""

    position: int
    """Its place among the goods, from which its code is made."""
    category: str
    name: str
    price_minor: int
    cost_minor: int
    popularity: int
    """How often it is bought, beside the others."""
    pack: int
    """How many, or how many kilograms, a supplier brings at once."""

    @property
    def is_weighed(self) -> bool:
        """Whether it is sold by the kilogram."""
        return self.category in _WEIGHED_CATEGORIES

    @property
    def unit(self) -> Unit:
        """How it is sold."""
        if self.is_weighed:
            return Unit.KILOGRAM
        return Unit.PIECE

    @property
    def code(self) -> str:
        """Its barcode; five digits, as a scale prints them, if it is weighed."""
        if self.is_weighed:
            scale_number = 101 + self.position
            return f"{scale_number:05d}"

        # 780 is Chile's prefix; the numbers lie apart, as those of several makers do.
        article_number = 1_234_567 + self.position * 7919
        digits = f"780{article_number:09d}"
        return digits + check_digit(digits)

    @classmethod
    def on_shelves(cls, shelves: Mapping[str, str]) -> "list[Good]":
        """Parse the rows of each category. The order gives each good its position."""
        goods: list[Good] = []
        for category, rows in shelves.items():
            for row in rows.strip().splitlines():
                name, price, cost, popularity, pack = row.strip().split("|")
                good = cls(
                    position=len(goods),
                    category=category,
                    name=name,
                    price_minor=int(price),
                    cost_minor=int(cost),
                    popularity=int(popularity),
                    pack=int(pack),
                )
                goods.append(good)
        return goods


_WEIGHED_CATEGORIES = {"Panadería", "Fiambrería", "Verdulería"}
SUPPLIERS = {
    "Panadería": "Amasandería San José",
    "Fiambrería": "Cecinas del Valle",
    "Verdulería": "Vega Central",
    "Lácteos": "Lechera del Sur",
    "Bebidas": "Distribuidora Andina",
}
"""Who brings what; the rest comes from the wholesaler."""
WHOLESALER = "Mayorista Central"

# For each category rows of: name | price | cost | popularity | pack.
_SHELVES = {
    "Panadería": """
        Pan hallulla|2190|1350|30|40
        Marraqueta|2190|1350|34|40
        Pan integral|3290|2100|10|15
        Empanada de pino (kg)|7990|5200|4|8""",
    "Fiambrería": """
        Queso gauda|9990|7100|14|10
        Jamón de pierna|8990|6200|12|10
        Mortadela lisa|4990|3300|6|8""",
    "Verdulería": """
        Palta hass|4990|3300|18|20
        Tomate|1690|1050|20|30
        Papa|1190|700|14|40
        Cebolla|1090|620|12|30
        Plátano|1490|930|16|25
        Manzana fuji|1590|980|10|20
        Limón|1790|1100|11|15""",
    "Lácteos": """
        Leche entera 1 L|1190|850|26|48
        Leche descremada 1 L|1190|850|12|36
        Yogur de frutilla 125 g|350|210|20|60
        Mantequilla 250 g|2890|2100|10|20
        Queso crema 227 g|2490|1750|5|12
        Manjar 400 g|2190|1480|6|12
        Crema 200 ml|1290|860|5|18""",
    "Abarrotes": """
        Huevos docena|3490|2600|18|30
        Arroz grado 1, 1 kg|1590|1080|14|40
        Fideos espagueti 400 g|990|640|16|48
        Salsa de tomate 200 g|590|370|15|48
        Aceite maravilla 900 ml|2490|1790|9|24
        Azúcar 1 kg|1290|930|10|30
        Sal fina 1 kg|590|330|4|20
        Harina con polvos 1 kg|1390|960|7|20
        Té negro 100 bolsas|2990|1990|5|12
        Café soluble 170 g|5990|4300|6|12
        Avena 500 g|1490|980|4|12
        Lentejas 1 kg|2590|1750|5|12
        Porotos 1 kg|2890|1990|3|12
        Atún en agua 160 g|1390|950|10|36
        Mayonesa 393 g|2290|1590|7|18""",
    "Bebidas": """
        Bebida cola 1,5 L|1790|1150|24|48
        Bebida naranja 1,5 L|1690|1080|12|36
        Agua sin gas 1,6 L|990|520|18|48
        Agua con gas 1,6 L|990|520|11|36
        Jugo de naranja 1 L|1390|900|9|24
        Cerveza lager 470 ml|1090|690|14|48
        Vino tinto 750 ml|3990|2700|5|12""",
    "Dulces": """
        Galletas de vino 155 g|690|420|12|36
        Chocolate de leche 100 g|1490|980|8|24
        Alfajor|590|340|10|40
        Papas fritas 180 g|1890|1190|11|30
        Maní salado 160 g|1290|790|5|20""",
    "Congelados": """
        Helado de lúcuma 1 L|3990|2700|5|10
        Choclo desgranado 500 g|1790|1200|4|12
        Hamburguesas 4 un|3290|2300|5|12""",
    "Aseo": """
        Detergente 3 L|8990|6500|3|8
        Lavalozas 750 ml|1690|1050|5|15
        Cloro 1 L|1090|640|5|18
        Papel higiénico 4 rollos|1990|1290|10|24
        Toalla de papel 2 rollos|1790|1180|6|18
        Bolsas de basura 10 un|1290|760|4|15""",
    "Higiene": """
        Champú 400 ml|3490|2350|3|10
        Jabón de tocador 90 g|590|350|6|24
        Pasta de dientes 90 g|1990|1290|4|15""",
    "Mascotas": """
        Alimento para perro 3 kg|7990|5900|3|6
        Alimento para gato 1 kg|3990|2800|3|8""",
    "Kiosco": """
        Diario del día|1000|800|9|15""",
}

GOODS = Good.on_shelves(_SHELVES)
EXEMPT = {"Kiosco"}
"""Categories that carry no value-added tax."""
