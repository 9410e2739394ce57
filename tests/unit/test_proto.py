"""Our messages against Envoy's published ones."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from envoy.data.accesslog.v3 import accesslog_pb2 as _entries
from envoy.extensions.filters.http.ext_proc.v3 import processing_mode_pb2 as _modes
from envoy.service.accesslog.v3 import als_pb2 as _logs
from envoy.service.ext_proc.v3 import external_processor_pb2 as _processor
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message_factory import GetMessageClass

from extproc import _pb
from extproc._pb import accesslog_pb2, ext_proc_pb2

PROTO = Path(__file__).parents[2] / "proto"
FILES = (ext_proc_pb2.DESCRIPTOR, accesslog_pb2.DESCRIPTOR)
REGISTERED = (_entries, _modes, _logs, _processor)
ELSEWHERE = {
    "BodySendMode": "envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode",
    "HeaderSendMode": "envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.HeaderSendMode",
    "ProcessingMode": "envoy.extensions.filters.http.ext_proc.v3.ProcessingMode",
    "HeaderMap": "envoy.config.core.v3.HeaderMap",
    "HeaderValue": "envoy.config.core.v3.HeaderValue",
    "HeaderValueOption": "envoy.config.core.v3.HeaderValueOption",
    "HttpStatus": "envoy.type.v3.HttpStatus",
    "StatusCode": "envoy.type.v3.StatusCode",
    "HTTPAccessLogEntry": "envoy.data.accesslog.v3.HTTPAccessLogEntry",
    "AccessLogCommon": "envoy.data.accesslog.v3.AccessLogCommon",
    "HTTPRequestProperties": "envoy.data.accesslog.v3.HTTPRequestProperties",
    "HTTPResponseProperties": "envoy.data.accesslog.v3.HTTPResponseProperties",
    "Metadata": "envoy.config.core.v3.Metadata",
}
"""Envoy keeps some messages outside of the service that uses them."""


def published_name(full_name: str) -> str:
    """Envoy's full name of one of our types; protobuf's own types keep theirs."""
    if full_name.startswith("google.protobuf."):
        return full_name
    _, package, _, rest = full_name.split(".", 3)
    top, _, nested = rest.partition(".")
    found = ELSEWHERE.get(top, f"envoy.service.{package}.v3.{top}")
    return f"{found}.{nested}" if nested else found


def published(message: Descriptor | None) -> Descriptor:
    """Envoy's own descriptor of one of our messages."""
    assert message is not None
    return descriptor_pool.Default().FindMessageTypeByName(published_name(message.full_name))


def below(message: Descriptor) -> Iterator[Descriptor]:
    """The message and those declared inside of it."""
    yield message
    for nested in message.nested_types:
        yield from below(nested)


SAMPLES = {
    FieldDescriptor.TYPE_STRING: "text",
    FieldDescriptor.TYPE_BYTES: "/w==",
    FieldDescriptor.TYPE_BOOL: True,
    FieldDescriptor.TYPE_UINT32: 7,
    FieldDescriptor.TYPE_UINT64: 7,
}
WELL_KNOWN = {
    "Any": {"@type": "type.googleapis.com/google.protobuf.Duration", "value": "1.5s"},
    "Struct": {"a": 1.0},
    "Duration": "1.5s",
    "Timestamp": "2026-01-02T03:04:05Z",
    "UInt32Value": 7,
}
MESSAGES = [m for file in FILES for top in file.message_types_by_name.values() for m in below(top)]
ENUMS = [enum for file in FILES for enum in file.enum_types_by_name.values()] + [
    enum for message in MESSAGES for enum in message.enum_types
]
FIELDS = [field for message in MESSAGES for field in message.fields]


def shape(field: FieldDescriptor) -> tuple[object, ...]:
    """What the wire and a reader know of a field."""
    oneof = field.containing_oneof
    return (field.name, field.number, field.type, field.is_repeated, oneof and oneof.name)


@pytest.mark.parametrize("field", FIELDS, ids=[field.full_name for field in FIELDS])
def test_each_field_is_envoys(field: FieldDescriptor) -> None:
    """Name, number, type, repetition, oneof, and the type of what it holds."""
    theirs = published(field.containing_type).fields_by_number[field.number]

    assert shape(theirs) == shape(field)
    for ours, its in (
        (field.message_type, theirs.message_type),
        (field.enum_type, theirs.enum_type),
    ):
        assert (its and its.full_name) == (ours and published_name(ours.full_name))


@pytest.mark.parametrize("enum", ENUMS, ids=[enum.full_name for enum in ENUMS])
def test_each_value_is_envoys(enum: EnumDescriptor) -> None:
    """Names and numbers; what we leave out travels as a number."""
    theirs = descriptor_pool.Default().FindEnumTypeByName(published_name(enum.full_name))
    numbers = {value.name: value.number for value in theirs.values}

    assert {value.name: numbers.get(value.name) for value in enum.values} == {
        value.name: value.number for value in enum.values
    }


def sample(field: FieldDescriptor) -> object:
    """A value for the field, as protobuf's JSON has it."""
    held = field.message_type
    if held is None:
        enum = field.enum_type
        one = SAMPLES[field.type] if enum is None else enum.values[-1].name
        return [one] if field.is_repeated else one
    if held.GetOptions().map_entry:
        return {"key": sample(held.fields_by_name["value"])}
    one = WELL_KNOWN.get(held.name, {})
    return [one] if field.is_repeated else one


@pytest.mark.parametrize("field", FIELDS, ids=[field.full_name for field in FIELDS])
def test_what_one_side_writes_the_other_reads(field: FieldDescriptor) -> None:
    """Our bytes are Envoy's message with that one field, and its bytes are ours again."""
    assert field.containing_type is not None
    our_class = GetMessageClass(field.containing_type)
    their_class = GetMessageClass(published(field.containing_type))

    ours = ParseDict({field.name: sample(field)}, our_class())
    theirs = their_class.FromString(ours.SerializeToString())

    assert MessageToDict(ours) == MessageToDict(theirs) != {}
    assert ours == our_class.FromString(theirs.SerializeToString())


def test_the_committed_modules_are_what_the_protos_generate(tmp_path: Path) -> None:
    """Nobody edits them, and nobody forgets to generate them."""
    subprocess.run([sys.executable, PROTO / "generate.py", tmp_path], check=True)
    committed = Path(_pb.__file__).parent

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        path.name: path.read_text() for path in committed.glob("*_pb2.py*")
    }
