"""An HTTP request → named, typed arguments, with every fault against the written API."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import BodyPartReader, web

from tests.harness.botapi.records import Refusal, Upload, bad_request
from tests.harness.botapi.spec import Fault, Field, Method, Spec, check_limit

_TRUE, _FALSE = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})

#: Telegram's own words for what is missing; elsewhere it differs from method to method
_MISSING = {
    "chat_id": "chat_id is empty",
    "text": "message text is empty",
    "message_id": "message identifier is not specified",
    "callback_query_id": "query is too old and response timeout expired or query ID is invalid",
    "file_id": "file_id not specified",
    "photo": "there is no photo in the request",
    "voice": "there is no voice in the request",
    "audio": "there is no audio in the request",
    "document": "there is no document in the request",
    "video": "there is no video in the request",
}
_RANGE = {
    "callback_data": "BUTTON_DATA_INVALID",
    "copy_text": "BUTTON_COPY_TEXT_INVALID",
    "command": "BOT_COMMAND_INVALID",
    "description": "BOT_COMMAND_DESCRIPTION_INVALID",
    "secret_token": "secret token is too long",
    "text": "MESSAGE_TOO_LONG",
}


async def read(request: web.Request) -> tuple[dict[str, Any], dict[str, Upload]]:
    """Raw arguments of a GET, form, JSON or multipart request, and its files."""
    raw: dict[str, Any] = dict(request.query)
    uploads: dict[str, Upload] = {}
    if request.method != "POST" or not request.can_read_body:
        return raw, uploads
    match request.content_type:
        case "application/json":
            try:
                body = json.loads(await request.read())
            except ValueError as error:
                raise bad_request("can't parse JSON object") from error
            if not isinstance(body, dict):
                raise bad_request("object expected as JSON body")
            raw.update(body)
        case "multipart/form-data":
            async for part in await request.multipart():
                if not isinstance(part, BodyPartReader) or part.name is None:
                    raise bad_request("can't parse multipart body")
                data = bytes(await part.read(decode=False))
                if part.filename is None:
                    raw[part.name] = _text(data)
                else:
                    mime = part.headers.get("Content-Type", "application/octet-stream")
                    uploads[part.name] = Upload(part.filename, mime, data)
        case "application/x-www-form-urlencoded":
            raw.update(dict(await request.post()))
        case other:
            raise Refusal(400, f"Bad Request: unsupported content type {other}")
    return raw, uploads


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise bad_request("strings must be encoded in UTF-8") from error


def typed(
    spec: Spec, method: Method, raw: dict[str, Any], uploads: dict[str, Upload]
) -> tuple[dict[str, Any], list[Fault]]:
    """Arguments with their types, and everything wrong with them."""
    faults = [Fault(name, "unknown-parameter", "no such parameter") for name in raw.keys() - method.fields.keys()]
    args: dict[str, Any] = {}
    for name, field in method.fields.items():
        if name in uploads and "InputFile" in field.types:
            args[name] = f"attach://{name}"
        elif raw.get(name) is not None and raw[name] != "":
            args[name], wrong = _value(spec, field, raw[name])
            faults += wrong
        elif field.required:
            faults.append(Fault(name, "missing", "required"))
    named = json.dumps(args, ensure_ascii=False)
    for name in uploads:
        if f"attach://{name}" not in named:
            faults.append(Fault(name, "unused-upload", "no parameter names this file"))
    return args, faults


def _value(spec: Spec, field: Field, value: Any) -> tuple[Any, list[Fault]]:
    if isinstance(value, str):
        value, wrong = _from_text(field, value)
        if wrong:
            return value, wrong
    if isinstance(value, str) and any("\ud800" <= c <= "\udfff" for c in value):
        return value, [Fault(field.name, "utf-8", "lone surrogate")]
    return value, spec.check(field.types, value, field.name) or check_limit(field, value, field.name)


def _from_text(field: Field, value: str) -> tuple[Any, list[Fault]]:
    kinds = field.types
    if field.is_json:
        try:
            return json.loads(value), []
        except ValueError:
            return value, [Fault(field.name, "json", "cannot be read as JSON")]
    if "Integer" in kinds and value.lstrip("-").isdecimal() and value.isascii():
        return int(value), []
    if "Float" in kinds:
        try:
            return float(value), []
        except ValueError:
            return value, [Fault(field.name, "type", "expected Float")]
    if "Boolean" in kinds:
        low = value.lower()
        return (low in _TRUE, []) if low in _TRUE | _FALSE else (value, [Fault(field.name, "type", "expected Boolean")])
    return value, []


def refusal_of(fault: Fault, method: Method) -> Refusal | None:
    """How Telegram answers a fault, or None where it lets it pass: unknown names and numbers out of range."""
    name = fault.path.rpartition(".")[2].partition("[")[0]
    match fault.code:
        case "unknown-parameter" | "unknown-field" | "unused-upload":
            return None
        case "missing":
            return bad_request(_MISSING.get(fault.path, f'parameter "{fault.path}" is required'))
        case "range":
            field = method.fields.get(fault.path)
            if field is not None and field.limit is not None and field.limit.unit == "value":
                return None
            return bad_request(
                _RANGE.get("copy_text" if "copy_text" in fault.path else name, f"{name} is out of range")
            )
        case "utf-8":
            return bad_request("strings must be encoded in UTF-8")
        case "json":
            return bad_request(f"can't parse {name.replace('_', ' ')} JSON object")
        case _:
            return bad_request(f"wrong value of {fault.path}: {fault.text}")
