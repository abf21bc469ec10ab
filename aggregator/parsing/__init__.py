"""Bytes become entries: feeds of every format, OPML, the feeds of a page; every byte is taken for hostile."""
