"""Poll news feeds, group the reports of one happening into one event, publish the events as a feed."""

__version__ = "0.1.0"
HOMEPAGE = "https://aggregator.example/"  # told to publishers; a fork that is published puts its own address here
