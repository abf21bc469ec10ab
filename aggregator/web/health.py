"""What supervisors ask: alive, ready, and figures for Prometheus."""

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, SummaryMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from aggregator.web.reader import Measures, Reader

_NOT_STORED = {"cache-control": "no-store"}


class HealthRoutes:
    """Answers for /healthz, /readyz and /metrics."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def routes(self) -> list[Route]:
        """Give the routes."""
        return [
            Route("/healthz", self._alive),
            Route("/readyz", self._ready),
            Route("/metrics", self._metrics),
        ]

    async def _alive(self, request: Request) -> Response:
        return PlainTextResponse("ok\n", headers=_NOT_STORED)

    async def _ready(self, request: Request) -> Response:
        reason = await run_in_threadpool(self._reader.not_ready)
        return PlainTextResponse(f"{reason or 'ok'}\n", status_code=503 if reason else 200, headers=_NOT_STORED)

    async def _metrics(self, request: Request) -> Response:
        measures = await run_in_threadpool(self._reader.measures)
        return Response(exposition(measures), headers={"content-type": CONTENT_TYPE_LATEST, **_NOT_STORED})


def exposition(measures: Measures) -> bytes:
    """Write figures in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(measures))
    return generate_latest(registry)


class _Collector:
    def __init__(self, measures: Measures) -> None:
        self._measures = measures

    def collect(self) -> Iterator[Metric]:
        """Give the figures as Prometheus' client wants them."""
        told = self._measures
        yield _counter("aggregator_polls", "Polls of feeds by outcome", "outcome", told.polls)
        yield _counter("aggregator_joins", "Entries by the rule that put them into their event", "rule", told.joins)
        yield _gauge("aggregator_entries", "Entries stored", told.entries)
        yield _gauge("aggregator_events", "Events stored", told.events)
        yield _gauge("aggregator_queue_entries", "Entries that wait for the clusterer", told.queue)
        yield _gauge("aggregator_database_bytes", "Size of the database", told.database_bytes)
        if told.last_batch is not None:
            yield _gauge(
                "aggregator_last_batch_timestamp_seconds", "When a batch was clustered", told.last_batch.timestamp()
            )
        feeds = GaugeMetricFamily("aggregator_feeds", "Subscribed feeds by state", labels=["state"])
        for state, number in sorted(told.feeds.items()):
            feeds.add_metric([state], number)
        yield feeds
        seconds = SummaryMetricFamily("aggregator_stage_seconds", "Time spent in a stage", labels=["stage"])
        for stage, (count, total) in sorted((told.seconds or {}).items()):
            seconds.add_metric([stage], count_value=count, sum_value=total)
        yield seconds


def _counter(name: str, told: str, label: str, values: Mapping[str, int]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, told, labels=[label])
    for key, value in sorted(values.items()):
        family.add_metric([key], value)
    return family


def _gauge(name: str, told: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, told, value=value)
