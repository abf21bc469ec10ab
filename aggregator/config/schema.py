"""feeds.yaml as a JSON Schema (draft 2020-12), for editors that complete and check YAML."""

from datetime import timedelta
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from aggregator.config.durations import format_duration
from aggregator.config.values import Config

_BARE = {
    "FeedConfig": "URL of the feed",
    "OutletConfig": "name of the outlet",
    "HeaderConfig": "value of the header",
    "ProxyConfig": "http or https URL of the proxy",
}


class _Generator(GenerateJsonSchema):
    def encode_default(self, dft: Any) -> Any:
        return format_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def json_schema() -> dict[str, Any]:
    """Describe what feeds.yaml may hold: every key, its default and what it means."""
    schema = Config.model_json_schema(schema_generator=_Generator)
    definitions = schema["$defs"]
    for name, text in _BARE.items():
        definitions[name] = {"anyOf": [{"type": "string", "description": text}, definitions[name]]}
    return {"$schema": GenerateJsonSchema.schema_dialect, **schema, "title": "feeds.yaml of aggregator"}
