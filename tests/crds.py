"""Custom resources judged by their definitions: structure, unknown fields, and rules in CEL.

The definitions are not the project's: they are read from the folder `$TIERGATE_CRDS`, or from
`shared/crds` beside the repository, and what cannot be checked is skipped aloud.
"""

import functools
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import cel
import jsonschema
import pytest
import yaml
from charts import ROOT, Manifest

Schema = dict[str, Any]
_FOLDER: Final = Path(os.environ.get("TIERGATE_CRDS", ROOT.parent / "shared" / "crds"))
_KEPT: Final = (
    *("type", "enum", "pattern", "required", "minimum", "maximum", "minLength", "maxLength"),
    *("minItems", "maxItems", "minProperties", "maxProperties"),
)
"""What a structural schema and JSON Schema say in the same words."""
_COMBINED: Final = frozenset({"allOf", "anyOf", "oneOf"})


@functools.cache
def schemas() -> Mapping[tuple[str, str], Schema]:
    """By `group/version` and kind."""
    if not _FOLDER.is_dir():
        pytest.skip(f"NOT CHECKED: there are no CRDs in {_FOLDER}; name a folder in TIERGATE_CRDS")
    return {
        (f"{definition['spec']['group']}/{version['name']}", definition["spec"]["names"]["kind"]): (
            version["schema"]["openAPIV3Schema"]
        )
        for path in sorted(_FOLDER.glob("*.yaml"))
        for definition in yaml.load_all(path.read_bytes(), Loader=yaml.CSafeLoader)
        if definition
        for version in definition["spec"]["versions"]
    }


def complaints(manifest: Manifest) -> Iterator[str]:
    """All that the API server would have against the object; KeyError where nobody knows it."""
    schema = schemas()[manifest["apiVersion"], manifest["kind"]]
    manifest = _filled(schema, manifest)
    validator = jsonschema.Draft202012Validator(_strict(manifest["apiVersion"], manifest["kind"]))
    for error in validator.iter_errors(manifest):
        yield f"{error.json_path}: {error.message}"
    yield from _broken_rules(schema, manifest, "$")


@functools.cache
def _strict(version: str, kind: str) -> Schema:
    schema = schemas()[version, kind]
    made = _closed(schema)
    made["properties"] |= {"metadata": {"type": "object"}, "apiVersion": {}, "kind": {}}
    return made


def _filled(schema: Schema, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A copy with the defaults of the definition, which rules rely on."""
    if isinstance(value, dict):
        known = schema.get("properties", {})
        given = {
            name: one["default"]
            for name, one in known.items()
            if "default" in one and name not in value
        }
        below = schema.get("additionalProperties")
        rest = below if isinstance(below, dict) else {}
        return {
            name: _filled(known.get(name, rest), one) for name, one in {**given, **value}.items()
        }
    if isinstance(value, list):
        return [_filled(schema.get("items", {}), one) for one in value]
    return value


def _closed(schema: Schema) -> Schema:
    """As JSON Schema, with what is not declared forbidden, as `kubectl --validate=strict` does."""
    made: Schema = {key: schema[key] for key in _KEPT if key in schema}
    for key in _COMBINED & schema.keys():
        made[key] = [_open(part) for part in schema[key]]
    for key in {"not", "items"} & schema.keys():
        made[key] = _open(schema[key]) if key == "not" else _closed(schema[key])
    if schema.get("x-kubernetes-int-or-string"):
        made["type"] = ["integer", "string"]
    if "properties" in schema:
        made["properties"] = {name: _closed(one) for name, one in schema["properties"].items()}
        made["additionalProperties"] = bool(schema.get("x-kubernetes-preserve-unknown-fields"))
    if isinstance(schema.get("additionalProperties"), dict):
        made["additionalProperties"] = _closed(schema["additionalProperties"])
    if schema.get("nullable"):
        made["type"] = [schema["type"], "null"]
    return made


def _open(schema: Schema) -> Schema:
    """Of a part of a combination, which closes nothing."""
    made = _closed(schema)
    made.pop("additionalProperties", None)
    if "properties" in schema:
        made["properties"] = {name: _open(one) for name, one in schema["properties"].items()}
    return made


def _broken_rules(schema: Schema, value: Any, path: str) -> Iterator[str]:  # noqa: ANN401
    for rule in schema.get("x-kubernetes-validations", ()):
        if "oldSelf" not in rule["rule"] and not _holds(rule["rule"], value):
            yield f"{path}: {rule.get('message', rule['rule'])}"
    if isinstance(value, dict):
        for name, member in value.items():
            below = schema.get("properties", {}).get(name) or schema.get("additionalProperties")
            if isinstance(below, dict):
                yield from _broken_rules(below, member, f"{path}.{name}")
    elif isinstance(value, list) and "items" in schema:
        for place, item in enumerate(value):
            yield from _broken_rules(schema["items"], item, f"{path}[{place}]")


def _holds(rule: str, value: Any) -> bool:  # noqa: ANN401
    """Kubernetes' own functions are unknown to the engine here: such a rule is left open."""
    try:
        return bool(cel.evaluate(rule, {"self": value}))
    except KeyError:
        return False
    except (RuntimeError, ValueError) as error:
        if "undefined" not in str(error).lower():
            raise
        return True
