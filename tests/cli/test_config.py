import json

from aggregator.config import Config
from aggregator.config.schema import json_schema
from tests.cli.running import Here

GOOD = """\
feeds:
  - https://ana:secret@rss.detik.com/news?token=hidden
  - {url: https://b.example/rss, name: Bee, language: no, every: 30m, tags: [x, y]}
outlets:
  detik.com: {name: Detik, family: Transmedia}
server: {port: 8000}
"""


def test_check_prints_what_is_in_force(here: Here) -> None:
    here.config.write_text(GOOD)
    ran = here.run("config", "check")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert f"configuration  {here.config}" in lines
    assert f"store          {here.folder / 'store'}" in lines
    assert "server.port\t8000\t" in lines
    assert "publishing.keep\t48h\tdefault" in lines
    assert "Detik\tTransmedia\thttps://rss.detik.com/news?token=***\t\t\t\t" in lines
    assert "b.example\t\tBee\tno\t30m\tx, y\t" in lines
    assert lines[-1] == "2 feeds; no mistakes"


def test_check_prints_the_same_for_programs(here: Here) -> None:
    here.config.write_text(GOOD)
    told = here.run("config", "check", "--json").json
    assert told["schema_version"] == 1
    assert told["mistakes"] == []
    assert told["config"]["feeds"][0]["outlet"] == "Detik"
    assert told["config"]["polling"] == {"interval": "15m", "minimum": "15m", "allow": [], "contact": None}
    assert "secret" not in json.dumps(told)
    assert "hidden" not in json.dumps(told)


def test_check_names_every_mistake_and_fails(here: Here) -> None:
    here.config.write_text("poling: {}\nserver: {port: 70000}\n")
    ran = here.run("config", "check")
    assert ran.code == 1
    assert f"{here.config}:1:1: poling: unknown key, did you mean 'polling'?" in ran.err
    assert f"{here.config}:2:10: server.port: found 70000; allowed: at most 65535" in ran.err


def test_check_names_mistakes_for_programs_too(here: Here) -> None:
    here.config.write_text("server: {port: 70000}\n")
    ran = here.run("config", "check", "--json")
    assert ran.code == 1
    message = "found 70000; allowed: at most 65535"
    assert ran.json["mistakes"] == [{"line": 1, "column": 10, "key": "server.port", "message": message}]


def test_a_missing_file_says_how_to_get_one(here: Here) -> None:
    ran = here.run("config", "check")
    assert ran.code == 1
    assert "aggregator init" in ran.err


def test_schema_prints_every_key_with_its_default(here: Here) -> None:
    schema = here.run("config", "schema").json
    assert schema == json_schema()
    for section, field in Config.model_fields.items():
        assert section in schema["properties"], field
    polling = schema["$defs"]["PollingConfig"]
    assert polling["properties"]["interval"]["default"] == "15m"
    assert polling["additionalProperties"] is False
    assert schema["$defs"]["FeedConfig"]["anyOf"][0]["type"] == "string"


def test_an_alerts_webhook_is_shown_without_its_path(here: Here) -> None:
    here.config.write_text(
        GOOD + "alerts: [{name: Quakes, search: quake, webhook: 'https://hooks.example/T0/secret'}]\n"
    )
    assert "alerts\tQuakes\t" in here.run("config", "check").out.splitlines()
    told = here.run("config", "check", "--json")
    assert told.json["config"]["alerts"][0]["webhook"] == "https://hooks.example/***"
    assert "secret" not in told.out
