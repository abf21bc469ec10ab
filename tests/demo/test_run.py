import asyncio

import httpx

from aggregator.config import load
from aggregator.demo.newsroom import FIRST_ROUND, SECOND_ROUND
from aggregator.demo.run import demo, instance_in


async def test_the_second_round_brings_the_follow_ups_alone(tmp_path):
    tags: dict[str, str] = {}
    polled = []

    async def poll(instance, now):
        polled.append((instance, now))
        async with httpx.AsyncClient(trust_env=False) as client:
            urls = [feed.url for feed in load(instance.config).feeds]
            headers = [{"if-none-match": tags[url]} if url in tags else {} for url in urls]
            pairs = zip(urls, headers, strict=True)
            answers = await asyncio.gather(*(client.get(url, headers=header) for url, header in pairs))
        tags.update({str(answer.url): answer.headers["etag"] for answer in answers})

    rounds = [one async for one in demo(tmp_path, poll)]

    assert polled == [(instance_in(tmp_path), FIRST_ROUND), (instance_in(tmp_path), SECOND_ROUND)]
    assert [(one.changed, one.unchanged) for one in rounds] == [(15, 0), (13, 2)]
    assert (tmp_path / "feeds.yaml").exists()
