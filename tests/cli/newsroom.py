"""A store with the demo's reports, clustered as the daemon would have: without network, in a second."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from aggregator.clustering.settings import Settings
from aggregator.database import entries
from aggregator.database.engine import Database
from aggregator.database.feeds import Subscription, all_feeds, subscribe
from aggregator.database.store import open_store
from aggregator.demo.reports import NewsReport, outlets, reports
from aggregator.pipeline.batch import Clustering

NOW = datetime(2021, 9, 3, 21, tzinfo=UTC)


def write(folder: Path) -> Path:
    """Write feeds.yaml and a store in which each report was seen half an hour after it was published."""
    lines = [
        f"  - {{url: 'https://{outlet.key}.example/feed', name: '{outlet.name}', outlet: '{outlet.name}'}}"
        for outlet in outlets()
    ]
    (folder / "feeds.yaml").write_text("\n".join(["feeds:", *lines, ""]))
    database = open_store(folder / "store", NOW)
    ids = _subscribe(database)
    clustering = Clustering(database=database, settings=Settings())
    hours = sorted({report.published.replace(minute=0) for report in reports()})
    for hour in hours:
        with database.write() as connection:
            for report in reports():
                if report.published.replace(minute=0) == hour:
                    seen = report.published + timedelta(minutes=30)
                    _add(connection, ids[report.outlet.key], report, seen)
        clustering.run(hour + timedelta(hours=2))
    database.close()
    return folder


def edit(folder: Path, entry: int, title: str, now: datetime = NOW) -> None:
    """Change what an entry says, as its outlet might, and let the clusterer judge it."""
    database = open_store(folder / "store", now)
    with database.write() as connection:
        [report] = entries.reports(connection, [entry])
        entries.edit(connection, entry, {"title": title, "summary": report.summary}, now)
    Clustering(database=database, settings=Settings()).run(now)
    database.close()


def add(folder: Path, outlet: str, title: str, now: datetime = NOW) -> int:
    """Store one more report and cluster it; gives its number."""
    database = open_store(folder / "store", now)
    with database.write() as connection:
        feed = next(feed for feed in all_feeds(connection) if feed.outlet == outlet)
        entry = entries.add(
            connection, _values(feed.id, outlet, title, now, language="en", url=f"https://x.example/{title}")
        )
    Clustering(database=database, settings=Settings()).run(now)
    database.close()
    return entry


def _subscribe(database: Database) -> dict[str, int]:
    wanted = [
        Subscription(
            url=f"https://{outlet.key}.example/feed",
            name=outlet.name,
            outlet=outlet.name,
            language=outlet.language,
            tags=("english",) if outlet.language == "en" else (),
        )
        for outlet in outlets()
    ]
    with database.write() as connection:
        subscribe(connection, wanted, NOW - timedelta(days=30))
        feeds = {feed.url: feed.id for feed in all_feeds(connection)}
    return {outlet.key: feeds[f"https://{outlet.key}.example/feed"] for outlet in outlets()}


def _add(connection: Connection, feed: int, report: NewsReport, seen: datetime) -> None:
    said = {"summary": report.text, "language": report.language, "url": report.url}
    values = _values(feed, report.outlet.name, report.title, seen, **said)
    entries.add(connection, {**values, "published": report.published})


def _values(
    feed: int, outlet: str, title: str, seen: datetime, *, summary: str = "", language: str, url: str
) -> dict[str, object]:
    return {
        "feed_id": feed,
        "url": url,
        "title": title,
        "summary": summary,
        "html": f"<p>{summary}</p>",
        "author": "",
        "tags": ["world"],
        "outlet": outlet,
        "language": language,
        "first_seen": seen,
        "time": seen,
    }
