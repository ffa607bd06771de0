"""What each method of the SDK asks for, when all of its parameters are given."""

import builtins
import collections.abc
import types
import typing
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct, UnsetType

from trastienda.clients.sdk import Call, Listing, people
from trastienda.clients.sdk.client import Methods
from trastienda.clients.sdk.events import Feed
from trastienda.servers.http.app import ROUTES
from trastienda.servers.http.parameters import ListQuery, declared

METHODS = [
    name for name in dir(Methods) if not name.startswith("_") and name != "request"
]
"""The methods that call one route each."""
SESSION_CALLS: dict[str, Call[Any]] = {
    "log_in": people.log_in("beto", "x"),
    "log_out": people.log_out("x"),
    "": people.refresh("x"),
}
"""The calls with which a client opens, ends and, without being asked, prolongs its session."""

EXAMPLES = {
    row.name: row.parameter.example
    for route in ROUTES
    for shape in (route.path_parameters, route.query, ListQuery)
    for row in declared(shape)
}
"""Values of the parameters of paths and queries, as the routes declare them."""


def value_of(kind: Any) -> Any:
    """A value of a type, which is not the one that stands for nothing."""
    arguments = get_args(kind)
    match get_origin(kind):
        case typing.Union | types.UnionType:
            kinds = [one for one in arguments if one not in (type(None), UnsetType)]
            return value_of(kinds[0])
        case typing.Literal:
            return arguments[0]
        case collections.abc.Mapping:
            key, value = map(value_of, arguments)
            return {key: value}
        case builtins.list | collections.abc.Iterable:
            return [value_of(arguments[0])]
        case builtins.tuple:
            return tuple(map(value_of, arguments))

    if issubclass(kind, Struct):
        fields = msgspec.structs.fields(kind)
        return kind(*(value_of(field.type) for field in fields if field.required))
    return {bool: True, int: 5, str: "texto"}[kind]


def built(name: str) -> Call[Any] | Listing[Any] | Feed:
    """What a method builds when every parameter is given."""
    build = getattr(Methods, name)
    kinds = get_type_hints(build)
    del kinds["return"]
    arguments = {
        parameter: EXAMPLES[parameter] if parameter in EXAMPLES else value_of(kind)
        for parameter, kind in kinds.items()
    }
    call: Call[Any] | Listing[Any] | Feed = build(None, **arguments)
    return call


def call_of(name: str) -> Call[Any]:
    """The call that a method makes; of a list or a feed, the first one."""
    call = built(name)
    return call if isinstance(call, Call) else call.first


def methods_by_route() -> dict[str, list[str]]:
    """The names of the methods that call each route."""
    calls = {name: call_of(name) for name in METHODS} | SESSION_CALLS
    methods: dict[str, list[str]] = {}
    for name, call in calls.items():
        methods.setdefault(f"{call.method} {call.path}", []).append(name)
    return methods
