"""What was taken up last is given for its own text alone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.config import ListedFeed, Listing
from aggregator.database import taken_up
from aggregator.database.store import open_store, set_setting, setting

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def listing(name: str) -> Listing:
    feed = ListedFeed(
        url="https://a.example/",
        name=name,
        outlet="A",
        family="",
        language=None,
        tags=("x",),
        every=timedelta(minutes=30),
    )
    return Listing((feed,))


def test_what_an_older_version_kept_in_its_own_shape_is_neither_given_nor_written_over(tmp_path: Path) -> None:
    """So that it may be put back."""
    database, before = open_store(tmp_path, NOW), {"fingerprint": "one", "feeds": [{"url": "https://a.example/"}]}
    with database.write() as connection:
        set_setting(connection, "taken_up", before)
    with database.write() as connection:
        assert taken_up.kept(connection, "one") is None
        taken_up.keep(connection, "two", listing("Bee"))
        assert setting(connection, "taken_up") == before
    database.close()


def test_the_listing_of_a_text_is_kept_until_another_is_taken_up(tmp_path: Path) -> None:
    database = open_store(tmp_path, NOW)
    with database.read() as connection:
        assert taken_up.kept(connection, "one") is None
    with database.write() as connection:
        taken_up.keep(connection, "one", listing("Bee"))
    with database.read() as connection:
        assert taken_up.kept(connection, "one") == listing("Bee")
        assert taken_up.kept(connection, "two") is None
    with database.write() as connection:
        taken_up.keep(connection, "two", listing("Ant"))
        assert taken_up.kept(connection, "one") is None
        assert taken_up.kept(connection, "two") == listing("Ant")


def test_taking_up_the_same_text_anew_writes_nothing(tmp_path: Path) -> None:
    database = open_store(tmp_path, NOW)
    for times in (1, 2):
        with database.write() as connection:
            before = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
            taken_up.keep(connection, "one", listing("Bee"))
            assert (connection.exec_driver_sql("SELECT total_changes()").scalar_one() > before) == (times == 1)
