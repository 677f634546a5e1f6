"""The contract as the tests walk it: every operation of the OpenAPI document with a request made up from its schema."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from spadework.web.main import Site

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Place:
    """Where an operation carries an id: in the path, the query, or at a path inside the body."""

    where: str
    path: tuple[str, ...]
    kind: str

    def __str__(self) -> str:
        return f"{self.where} {'.'.join(self.path)} ({self.kind})"


@dataclass(frozen=True)
class Operation:
    """One operation as the document describes it."""

    method: str
    path: str
    spec: Mapping[str, Any]
    document: Mapping[str, Any] = field(repr=False)

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def permission(self) -> str:
        return str(self.spec["x-permission"])

    @property
    def parameters(self) -> list[Mapping[str, Any]]:
        return list(self.spec.get("parameters", []))

    @property
    def body_schema(self) -> Mapping[str, Any] | None:
        content = self.spec.get("requestBody", {}).get("content", {})
        return content.get("application/json", {}).get("schema")

    def places(self) -> list[Place]:
        """Every place of an id that names another thing."""
        found = [
            Place(each["in"], (each["name"],), kind)
            for each in self.parameters
            if (kind := self._kind(each["schema"])) is not None
        ]
        if self.body_schema is not None:
            found += [Place("body", path, kind) for path, kind in self._ids(self.body_schema, ())]
        return found

    def request(self, ids: Mapping[str, Any], changed: Mapping[Place, UUID]) -> dict[str, Any]:
        """Arguments for the HTTP client, with `ids` by kind except where `changed` says otherwise."""
        by_path = {(place.where, place.path): value for place, value in changed.items()}
        url, query = self.path, {}
        for each in self.parameters:
            kind = self._kind(each["schema"])
            value = by_path.get((each["in"], (each["name"],)), ids[kind] if kind else _plain(self, each))
            if each["in"] == "path":
                url = url.replace("{" + each["name"] + "}", str(value))
            elif each["in"] == "query" and (each.get("required") or (each["in"], (each["name"],)) in by_path):
                query[each["name"]] = str(value)
        arguments: dict[str, Any] = {"method": self.method.upper(), "url": url, "params": query}
        if self.body_schema is not None:
            arguments["json"] = self.example(self.body_schema, ids, by_path, ())
        elif self.method in ("post", "patch", "put"):
            arguments["json"] = {}
        return arguments

    def example(
        self,
        schema: Mapping[str, Any],
        ids: Mapping[str, Any],
        changed: Mapping[tuple[str, tuple[str, ...]], UUID],
        path: tuple[str, ...],
    ) -> Any:
        """A value that fits the schema: what is required, and whatever leads to a changed place."""
        schema = self._resolve(schema)
        if ("body", path) in changed:
            return str(changed["body", path])
        if kind := schema.get("x-resource"):
            return str(ids[kind])
        for choice in ("anyOf", "oneOf"):
            if choice in schema:
                options = [each for each in schema[choice] if self._resolve(each).get("type") != "null"]
                return self.example(options[0], ids, changed, path)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        if schema.get("type") == "object" or "properties" in schema:
            leading = {place[1][len(path)] for place in changed if place[1][: len(path)] == path and place[0] == "body"}
            wanted = set(schema.get("required", [])) | (leading & set(schema.get("properties", {})))
            return {
                name: self.example(schema["properties"][name], ids, changed, (*path, name)) for name in sorted(wanted)
            }
        if schema.get("type") == "array":
            item = (*path, "[]")
            is_wanted = schema.get("minItems", 0) > 0 or any(place[1][: len(item)] == item for place in changed)
            return [self.example(schema["items"], ids, changed, item)] if is_wanted else []
        return {"integer": 1, "number": 1.0, "boolean": True}.get(str(schema.get("type")), "example-value-1")

    def _ids(self, schema: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
        schema = self._resolve(schema)
        if len(path) > 8:
            return
        if kind := schema.get("x-resource"):
            yield path, kind
        for choice in ("anyOf", "oneOf", "allOf"):
            for each in schema.get(choice, []):
                yield from self._ids(each, path)
        for name, each in schema.get("properties", {}).items():
            yield from self._ids(each, (*path, name))
        if "items" in schema:
            yield from self._ids(schema["items"], (*path, "[]"))

    def _kind(self, schema: Mapping[str, Any]) -> str | None:
        return next((kind for _, kind in self._ids(schema, ())), None)

    def _resolve(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema


def operations(site: Site) -> list[Operation]:
    """Every operation of the running application."""
    document = site.openapi()
    return [
        Operation(method, path, item[method], document)
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    ]


def _plain(operation: Operation, parameter: Mapping[str, Any]) -> Any:
    if parameter["name"] == "kind":
        return "provider"
    if parameter["name"] == "name":
        return "hunter"
    return operation.example(parameter["schema"], {}, {}, ())
