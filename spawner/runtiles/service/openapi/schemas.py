"""JSON schemas of our models, as OpenAPI 3.1 wants them. Pure."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

#: What comes in is validated, what goes out is serialized.
Mode = Literal["validation", "serialization"]
Wanted = tuple[Any, Mode]

_TEMPLATE = "#/components/schemas/{model}"
_AnyField = core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField


class _Schemas(GenerateJsonSchema):
    """An answer has all fields of its model, and clients let those pass that a newer service adds."""

    def field_is_required(self, field: _AnyField, total: bool) -> bool:
        if self.mode == "serialization" and field["type"] != "typed-dict-field":
            return True
        return super().field_is_required(field, total)

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        found = super().model_schema(schema)
        if self.mode == "serialization" and found.get("additionalProperties") is False:
            del found["additionalProperties"]
        return found

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        found = super().default_schema(schema)
        if self.mode == "serialization":
            found.pop("default", None)
        return found

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic names it
        return False

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        found = super().str_schema(schema)
        if "pattern" in found:
            # The end of a text: JSON Schema's expressions are JavaScript's.
            found["pattern"] = found["pattern"].replace(r"\z", "$").replace(r"\Z", "$")
        return found


def schemas(
    wanted: Mapping[str, Wanted],
) -> tuple[dict[str, JsonSchemaValue], dict[str, JsonSchemaValue]]:
    """The schema of each wanted type by its key, and the components that those refer to."""
    inputs = [(key, mode, TypeAdapter(kind)) for key, (kind, mode) in wanted.items()]
    found, definitions = TypeAdapter.json_schemas(
        inputs, ref_template=_TEMPLATE, schema_generator=_Schemas
    )
    return {key: schema for (key, _mode), schema in found.items()}, definitions.get("$defs", {})


def schema(kind: Any) -> JsonSchemaValue:
    """Of a simple type, which needs no components."""
    return TypeAdapter(kind).json_schema(schema_generator=_Schemas)
