"""The published feeds and a page about them, over HTTP."""
