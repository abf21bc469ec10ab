"""The schema. A change here needs a migration under migrations/versions and a new SCHEMA_VERSION."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from aggregator.database.types import Instant, Json

SCHEMA_VERSION = "0006"

metadata = MetaData()

# What the store knows of itself: installation id, when it was made, what decisions depend on.
settings = Table(
    "settings", metadata, Column("key", String, primary_key=True), Column("value", Json), sqlite_with_rowid=False
)

# A subscribed feed. `url` is its key as configured; what was learnt of it is in `state` (scheduling.state.FeedState).
feeds = Table(
    "feeds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("url", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False, default=""),  # as configured; empty: the title it gives itself
    Column("title", Text, nullable=False, default=""),
    Column("site_url", Text),
    Column("outlet", Text, nullable=False, default=""),
    Column("family", Text, nullable=False, default=""),
    Column("language", Text),
    Column("tags", Json, nullable=False),
    Column("subscribed", Boolean, nullable=False, default=True),
    Column("added", Instant, nullable=False),
    Column("next_check", Instant),  # of `state`, as a column: the tick asks for what is due; null: at once, or never
    Column("state", Text, nullable=False, default=""),  # empty: never polled
    sqlite_autoincrement=True,
)
Index("ix_feeds_next_check", feeds.c.next_check, sqlite_where=text("subscribed"))

# What each request brought: the last few of each feed, for `feeds show`.
polls = Table(
    "polls",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("feed_id", ForeignKey("feeds.id", ondelete="CASCADE"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("outcome", String, nullable=False),  # "new", "nothing new", "not modified" or a FailureKind
    Column("status", Integer),
    Column("reason", Text),
    Column("bytes", Integer, nullable=False, default=0),
    Column("milliseconds", Integer, nullable=False, default=0),
    Column("new", Integer, nullable=False, default=0),
    Column("edited", Integer, nullable=False, default=0),
)
Index("ix_polls_feed_id", polls.c.feed_id)  # without `at`, which moves with each poll: a feed has twenty rows

# One report. `event_id` is null while it is pending; ids are in the order of first sight within a poll.
entries = Table(
    "entries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("feed_id", ForeignKey("feeds.id"), nullable=False),
    Column("url", Text),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("image", Text),
    Column("author", Text, nullable=False),
    Column("tags", Json, nullable=False),
    Column("outlet", Text, nullable=False),
    Column("language", Text),  # as decided when it was clustered; before, as declared
    Column("published", Instant),  # as claimed
    Column("first_seen", Instant, nullable=False),
    Column(
        "time", Instant, nullable=False
    ),  # the sort key: the claim where it is plausible, else first_seen; never moves
    Column("revision", Integer, nullable=False, default=0),
    Column("imported", Boolean, nullable=False, default=False),  # came with its feed's first document
    Column("batch", Integer),  # in which it was first assigned
    Column("event_id", Integer),
    Column("copy_of", Integer),
    Column("agency", Text, nullable=False, default="", server_default=""),  # whose text it is (text.agencies)
    sqlite_autoincrement=True,
)
Index("ix_entries_pending", entries.c.first_seen, entries.c.feed_id, entries.c.id, sqlite_where=text("batch IS NULL"))
# who tells what, and in which order: read without the texts, which are most of a row
Index(
    "ix_entries_event",
    entries.c.event_id,
    entries.c.first_seen,
    entries.c.time,
    entries.c.feed_id,
    entries.c.outlet,
    entries.c.copy_of,
)
# what outlets contribute, likewise
Index("ix_entries_outlet", entries.c.outlet, entries.c.event_id, entries.c.first_seen, entries.c.copy_of)
Index("ix_entries_time", entries.c.time)
Index("ix_entries_feed_id_first_seen", entries.c.feed_id, entries.c.first_seen)

# By what an entry of a feed is known again (parsing.keys.Keys). Outlives the entry: a pruned one does not return.
identities = Table(
    "identities",
    metadata,
    Column("entry_id", Integer, primary_key=True),
    Column("feed_id", ForeignKey("feeds.id", ondelete="CASCADE"), nullable=False),
    Column("guid", String),
    Column("link", String),
    Column("text", String, nullable=False),
    Column("published", Instant),
    Column("digest", String, nullable=False),  # of title and summary
    Column("last_seen", Instant, nullable=False),  # renewed at most once a day
)
for _key in ("guid", "link", "text"):
    Index(f"ix_identities_{_key}", identities.c.feed_id, identities.c[_key])
Index("ix_identities_last_seen", identities.c.last_seen)

# What an entry said before it was edited.
revisions = Table(
    "revisions",
    metadata,
    Column("entry_id", ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("until", Instant, nullable=False),  # when the edit was seen
    Column("pending", Boolean, nullable=False, default=True),  # the clusterer has not judged the edit yet
    sqlite_with_rowid=False,
)
Index("ix_revisions_pending", revisions.c.entry_id, sqlite_where=text("pending"))

# --- what clustering decides from, and decided ---------------------------------------------------

batches = Table(
    "batches",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("events", Integer, nullable=False),
)

# An entry's signature, weights and neighbours: enough to go on after a restart as if there was none.
records = Table(
    "records",
    metadata,
    Column("entry_id", Integer, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("time", Instant, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("batch", Integer),  # in which this revision was judged, so that batches can be replayed
)
Index("ix_records_time", records.c.time)

# In how many entries a token occurred, and of how many ("" is the token of the total).
frequencies = Table(
    "frequencies",
    metadata,
    Column("space", String, primary_key=True),
    Column("token", String, primary_key=True),
    Column("count", Float, nullable=False),
    sqlite_with_rowid=False,
)

# What a feed's outlet puts into each of its entries, as far as it is learnt (text.boilerplate).
boilerplate = Table(
    "boilerplate",
    metadata,
    Column("key", String, primary_key=True),
    Column("detail", Json, nullable=False),
    sqlite_with_rowid=False,
)

# Why an entry is where it is: one row for each decision about it.
evidence = Table(
    "evidence",
    metadata,
    Column("entry_id", ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True),
    Column("batch", Integer, primary_key=True),
    Column("serial", Integer, primary_key=True, default=0),
    Column("event_id", Integer, nullable=False),
    Column("from_event", Integer),  # where it was before; null at its first assignment
    Column("reason", String, nullable=False),  # a rule of clustering.evidence, "split", "recluster"
    Column("at", Instant, nullable=False),
    Column("detail", Text, nullable=False),  # clustering.evidence.Evidence as JSON
    sqlite_with_rowid=False,
)
Index("ix_evidence_event_id", evidence.c.event_id)
Index("ix_evidence_batch", evidence.c.batch, evidence.c.event_id, evidence.c.from_event)

events = Table(
    "events",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("language", Text),
    Column("headline", Text, nullable=False),
    Column("url", Text),
    Column("representative", Integer),
    Column("first_seen", Instant, nullable=False),
    Column("updated", Instant, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("outlets", Integer, nullable=False),
    Column("independent", Integer, nullable=False),
    Column("merged_into", Integer),
)
Index("ix_events_updated", events.c.updated)
Index("ix_events_first_seen", events.c.first_seen)

# Entries that just missed an event.
related = Table(
    "related",
    metadata,
    Column("event_id", Integer, primary_key=True),
    Column("entry_id", ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True),
    Column("score", Float, nullable=False),
    Column("at", Instant, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_related_entry_id", related.c.entry_id)

# --- what people and readers were told -----------------------------------------------------------

# What was released in which output feed; decided once (publishing.release).
publications = Table(
    "publications",
    metadata,
    Column("feed", String, primary_key=True),
    Column("event_id", Integer, primary_key=True),
    Column("serial", Integer, primary_key=True),
    Column("published", Instant, nullable=False),
    Column("updated", Instant, nullable=False),
    Column("detail", Json, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_publications_feed_updated", publications.c.feed, publications.c.updated)
Index("ix_publications_event_id", publications.c.event_id)

# What a person put right, and what follows from it for pairs of entries.
corrections = Table(
    "corrections",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("kind", String, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("detail", Json, nullable=False),
    Column("undone", Instant),
    Column("applied", Integer),  # the batch that carried it out; null: not yet
    sqlite_autoincrement=True,
)

# Which events an alert has met, each once (pipeline.alerts). `due` is null where nothing is left to do.
alerts = Table(
    "alerts",
    metadata,
    Column("alert", String, primary_key=True),
    Column("event_id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),  # when the event met it
    Column("outcome", String, nullable=False),  # "waiting", "begun", "delivered", "unknown", "failed", "before"
    Column("attempts", Integer, nullable=False, default=0),
    Column("due", Instant),
    sqlite_with_rowid=False,
)
Index("ix_alerts_due", alerts.c.due, sqlite_where=text("due IS NOT NULL"))

# The search index over entries (database.search): SQLAlchemy has no virtual tables.
SEARCH = """CREATE VIRTUAL TABLE search USING fts5(
    words, tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N*'"
)"""
