"""The JSON Schema agrees with what is read."""

import jsonschema
import pytest
from ruamel.yaml import YAML

from aggregator.config import make_feed, parse
from aggregator.config.schema import json_schema
from aggregator.config.starter import starter
from aggregator.errors import ConfigError
from tests.conftest import ROOT

SCHEMA = jsonschema.Draft202012Validator(json_schema())


@pytest.mark.parametrize(
    "text",
    [
        (ROOT / "feeds.yaml").read_text(),
        starter([make_feed({"url": "https://a.example", "every": "5m", "tags": ["x"]})]),
        "outlets: {a.example: A, b.example: {name: B, family: F}}",
        "polling: {interval: 1h30m, allow: ['10.0.0.0/8']}",
    ],
    ids=lambda text: text[:20],
)
def test_what_is_read_is_valid(text: str) -> None:
    parse(text)
    values = YAML(typ="safe", pure=True).load(text)
    # a key without a value counts as unset, which a schema cannot say
    SCHEMA.validate({key: value for key, value in values.items() if value is not None})


@pytest.mark.parametrize(
    "text",
    [
        "poling: {}",
        "feeds: [{name: A}]",
        "feeds: [5]",
        "polling: {interval: soon}",
        "clustering: {strictness: loose}",
        "server: {port: 70000}",
        "outlets: {a.example: {nam: A}}",
    ],
)
def test_what_is_refused_is_not_valid(text: str) -> None:
    with pytest.raises(ConfigError):
        parse(text)
    assert not SCHEMA.is_valid(YAML(typ="safe", pure=True).load(text))
