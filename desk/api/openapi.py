"""The OpenAPI 3.1 document, made of the table of calls and the models of `shapes`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from desk.api.call import Call
from desk.api.problem import MEDIA_TYPE, STATUS, Problem

_REF = "#/components/schemas/{model}"
#: what any call may answer
_ALWAYS = ("bad-request", "no-key", "no-scope", "no-method", "wrong", "too-many", "busy", "broken")
_WITH_BODY = ("too-large", "not-json")
_LANGUAGE = "vi"


def document(calls: Sequence[Call], *, server: str, title: str, about: str) -> dict[str, Any]:
    """The document for an API reached at `server`."""
    wanted: list[tuple[type[BaseModel], JsonSchemaMode]] = [(Problem, "serialization")]
    wanted += [(call.answer, "serialization") for call in calls if call.answer]
    wanted += [(call.body, "validation") for call in calls if call.body]
    names, schemas = models_json_schema(wanted, ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for call in calls:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call, names)
    key = {"type": "http", "scheme": "bearer", "description": "a key made at the desk: loathon_..."}
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1", "description": about, "license": {"name": "GPL-3.0-or-later"}},
        "servers": [{"url": server}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {"schemas": schemas.get("$defs", {}), "securitySchemes": {"key": key}},
    }


def _operation(call: Call, names: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": call.name,
        "summary": call.summary,
        "description": f"Scope: {call.scope.replace('|', ' or ') or 'any key'}.",
        "parameters": [*_path(call), *_query(call), *_headers(call)],
        "responses": _responses(call, names),
    }
    if call.body:
        schema = names[call.body, "validation"]
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return told


def _path(call: Call) -> Iterable[dict[str, Any]]:
    for name, schema in call.params.items():
        yield {"name": name, "in": "path", "required": True, "schema": dict(schema)}


def _query(call: Call) -> Iterable[dict[str, Any]]:
    if call.query is None:
        return
    whole = call.query.model_json_schema(ref_template=_REF)
    held = whole.get("$defs", {})
    for name, schema in whole["properties"].items():
        yield {"name": name, "in": "query", "required": False, "schema": _for_query(schema, held)}


def _for_query(schema: dict[str, Any], held: dict[str, Any]) -> dict[str, Any]:
    """A parameter's schema stands for itself; what may be null is left out of the address instead."""
    chosen = next((one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"), schema)
    if "$ref" in chosen:
        chosen = held[chosen["$ref"].rpartition("/")[2]]
    named = {name: value for name, value in schema.items() if name in {"description", "default"} and value is not None}
    return {name: value for name, value in {**chosen, **named}.items() if name != "title"}


def _headers(call: Call) -> Iterable[dict[str, Any]]:
    if call.is_tagged:
        yield {"name": "If-None-Match", "in": "header", "required": False, "schema": {"type": "string"}}


def _responses(call: Call, names: Any) -> dict[str, Any]:
    if call.answer:
        schema: Any = names[call.answer, "serialization"]
        good = {"content": {"application/json": {"schema": schema}}, "description": "The answer"}
    else:
        good = {"content": {one: {} for one in call.media_types}, "description": "The bytes"}
    found: dict[str, Any] = {"200": good}
    if call.made:
        found[str(call.made)] = {**good, "description": "Newly made"}
    if call.is_tagged:
        good["headers"] = {"ETag": {"schema": {"type": "string"}}}
        found["304"] = {"description": "Not changed"}
    if not call.answer:
        found["206"] = {**good, "description": "A part of the bytes"}
        found["416"] = {"description": "No such part", "content": {"text/plain": {"schema": {"type": "string"}}}}
    problem = {MEDIA_TYPE: {"schema": names[Problem, "serialization"]}}
    for kind in (*_ALWAYS, *(_WITH_BODY if call.body else ()), *call.problems):
        status = str(STATUS[kind])
        one = found.setdefault(status, {"description": kind, "content": problem})
        if kind not in one["description"]:
            one["description"] += f" or {kind}"
        if status in {"429", "503"}:
            one["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return dict(sorted(found.items()))
