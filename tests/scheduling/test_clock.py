"""Where `now` comes from."""

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.errors import InputError
from aggregator.scheduling.clock import FixedClock, SystemClock, UrlClock
from tests.server import reply, serving

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


async def test_the_system_clock_is_aware_and_utc() -> None:
    now = await SystemClock().now()
    assert now.utcoffset() == timedelta()


@pytest.mark.parametrize(
    "text", ["2026-03-04T12:00:00Z", "2026-03-04T12:00:00", "2026-03-04 13:00+01:00", " 2026-03-04T12:00:00.0+00:00\n"]
)
async def test_a_fixed_clock_stands_still_in_utc(text: str) -> None:
    clock = FixedClock.parse(text)
    assert await clock.now() == await clock.now() == NOON
    assert (await clock.now()).tzinfo is UTC


@pytest.mark.parametrize("text", ["", "noon", "12:00", "2026-13-01T00:00:00Z"])
def test_a_time_that_is_none_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InputError, match="write it as 2026-01-31T12:00:00Z"):
        FixedClock.parse(text)


async def test_a_clock_behind_a_url_moves_on() -> None:
    async with serving() as server:
        clock = UrlClock(
            server.on("/clock", reply(200, b"2026-03-04T12:00:00+00:00\n"), reply(200, b"2026-03-04T13:00:00Z"))
        )
        assert await clock.now() == NOON
        assert await clock.now() == NOON + timedelta(hours=1)


@pytest.mark.parametrize("answer", [reply(404, b"2026-03-04T12:00:00Z"), reply(200, b"soon"), reply(200, b"")])
async def test_a_url_that_does_not_tell_the_time_is_an_error_that_names_it(answer: object) -> None:
    async with serving() as server:
        server.on("/clock", answer)  # type: ignore[arg-type]
        with pytest.raises(InputError, match=r"127\.0\.0\.1:\d+/clock does not tell the time"):
            await UrlClock(server.url("/clock")).now()


async def test_a_clock_that_nobody_answers_for_is_an_error() -> None:
    with pytest.raises(InputError, match="does not tell the time"):
        await UrlClock("http://127.0.0.1:1/").now()
