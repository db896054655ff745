"""Holds events against the model of OpenLineage's own client, which is generated from the published schemas.

    python3 check-openlineage.py DIR < events.ndjson

DIR holds the client, as `pip install --target` leaves it. Prints one line for each thing that does not fit; stricter than the
schemas, which allow any further field of a facet: one that the model does not know is told.
"""

import enum
import importlib
import json
import os
import pkgutil
import re
import sys
import types
import typing

sys.path.insert(0, sys.argv[1])
# The package itself opens transports that need much more than the model does.
client = types.ModuleType("openlineage.client")
client.__path__ = [os.path.join(sys.argv[1], "openlineage", "client")]
sys.modules["openlineage.client"] = client

import attr  # noqa: E402
from openlineage.client import generated  # noqa: E402
from openlineage.client.generated import base  # noqa: E402

modules = [importlib.import_module(f"{generated.__name__}.{name}") for _, name, _ in pkgutil.iter_modules(generated.__path__)]
facets = {
    name: kind
    for module in modules
    for name, kind in vars(module).items()
    if isinstance(kind, type) and issubclass(kind, base.BaseFacet)
}
published = re.compile(r"^https://openlineage\.io/spec/facets/(?P<version>\d+-\d+-\d+)/(?P<name>\w+)\.json#/\$defs/(?P=name)$")


def version_of(url):
    return [int(part) for part in published.match(url)["version"].split("-")]


def check_facet(kind, key, value, at):
    url = value.get("_schemaURL", "") if isinstance(value, dict) else ""
    if not url.startswith("https://openlineage.io/"):
        # One of ours: it has a prefix, and what every facet has.
        if "_" not in key:
            yield f"{at}: a facet that is not OpenLineage's needs a prefix"
        yield from check_fields(kind, {name: value[name] for name in ("_producer", "_schemaURL") if name in value}, at)
        return
    found = facets.get(published.match(url)["name"]) if published.match(url) else None
    if found is None or not issubclass(found, kind):
        yield f"{at}: {url} is no {kind.__name__} of OpenLineage"
        return
    ours, theirs = version_of(url), version_of(found._get_schema())
    if ours[0] != theirs[0] or ours > theirs:
        yield f"{at}: {url} is not a version that {found._get_schema()} is compatible with"
    yield from check_fields(found, value, at)


def check_fields(kind, value, at):
    if not isinstance(value, dict):
        yield f"{at}: no object"
        return
    hints = typing.get_type_hints(kind)
    fields = {field.name: field for field in attr.fields(kind)}
    yield from (f"{at}.{name}: {kind.__name__} has no such field" for name in value if name not in fields)
    for name, field in fields.items():
        is_required = field.default is attr.NOTHING or name in ("_producer", "_schemaURL", "producer", "schemaURL")
        if name not in value:
            if is_required:
                yield f"{at}.{name}: {kind.__name__} needs it"
            continue
        problems = list(check(hints[name], value[name], f"{at}.{name}"))
        yield from problems
        if field.validator and not problems:
            try:
                field.validator(None, field, value[name])
            except ValueError as error:
                yield f"{at}.{name}: {error}"


def check(hint, value, at):
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        (some,) = [kind for kind in inner if kind is not type(None)]
        yield from check(some, value, at)
    elif origin is list:
        if not isinstance(value, list):
            yield f"{at}: no list"
            return
        for place, item in enumerate(value):
            yield from check(inner[0], item, f"{at}[{place}]")
    elif origin is dict:
        if not isinstance(value, dict):
            yield f"{at}: no object"
            return
        for key, item in value.items():
            is_facet = isinstance(inner[1], type) and issubclass(inner[1], base.BaseFacet)
            yield from check_facet(inner[1], key, item, f"{at}.{key}") if is_facet else check(inner[1], item, f"{at}.{key}")
    elif attr.has(hint):
        yield from check_fields(hint, value, at)
    elif issubclass(hint, enum.Enum):
        if value not in [member.value for member in hint]:
            yield f"{at}: {value} is none of {hint.__name__}"
    else:
        allowed = (int, float) if hint is float else (hint,)
        if not isinstance(value, allowed) or (isinstance(value, bool) and hint is not bool):
            yield f"{at}: no {hint.__name__}"


def check_event(event):
    if event.get("schemaURL") != base.RunEvent._get_schema():
        yield f"event.schemaURL: not {base.RunEvent._get_schema()}"
    yield from check_fields(base.RunEvent, event, "event")


for line in sys.stdin:
    for problem in check_event(json.loads(line)):
        print(problem)
