"""The way of an entry: poll (fetch, parse, identify, store), batch (assign, store), publish (release, write)."""
