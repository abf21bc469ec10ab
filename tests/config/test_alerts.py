import pytest

from aggregator.config import parse
from aggregator.errors import ConfigError


def test_an_alert_is_called_by_its_filter_where_it_has_no_name() -> None:
    config = parse("alerts: [{search: panjshir, min_independent: 3, language: [id, en], webhook: https://h.example/x}]")
    assert config.alerts[0].label == "search=panjshir min_independent=3 language=id,en"
    assert parse("alerts: [{exec: [/bin/true]}]").alerts[0].label == "every event"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{search: x}", "goes nowhere or to several places"),
        ("{search: x, webhook: https://a.example, exec: [y]}", "goes nowhere or to several places"),
        ("{search: x, webhook: ftp://a.example}", "no http or https URL"),
        ("{search: x, exec: []}", "exec"),
        ("{search: 'x \"y', exec: [z]}", "quotation mark"),
        ("{search: x, exec: [a]}, {search: x, exec: [b]}", "search=x stands 2 times"),
    ],
)
def test_a_mistake_is_named(text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        parse(f"alerts: [{text}]")


def test_a_webhook_that_is_no_url_is_not_repeated() -> None:
    for text in ("hooks.example/T0/S3CRET", "https://me:S3CRET/x@hooks.example", "[S3CRET]"):
        with pytest.raises(ConfigError, match=r"alerts\[0\]\.webhook: ") as caught:
            parse(f"alerts: [{{webhook: {text}}}]")
        assert "S3CRET" not in str(caught.value)


def test_what_is_shown_of_a_webhook_is_its_host() -> None:
    config = parse("alerts: [{webhook: 'https://me:pw@hooks.example/T0/S3CRET'}]")
    assert config.alerts[0].model_dump(mode="json")["webhook"] == "https://hooks.example/***"


def test_preferred_outlets_are_known_by_name() -> None:
    config = parse("outlets: {detik.com: {name: Detik, preferred: true}, tempo.co: Tempo}")
    assert config.preferred_outlets == {"Detik"}
