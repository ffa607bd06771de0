"""Paths of routes with values in the place of their parameters, as the routes declare them."""

from collections.abc import Callable

from trastienda.servers.http.exchange import Route
from trastienda.servers.http.parameters import Parameter, declared


def filled(route: Route, value_of: Callable[[Parameter], object]) -> str:
    """The path with a value for each of its parameters."""
    path = route.path
    for row in declared(route.path_parameters):
        path = path.replace(f"{{{row.name}}}", str(value_of(row.parameter)))
    return path


def example_path(route: Route) -> str:
    """The path as documents show it: of the product, sale, purchase or user of their examples."""
    return filled(route, lambda parameter: parameter.example)
