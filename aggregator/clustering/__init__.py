"""Reports of one happening become one event: MinHash proposes, evidence decides. Pure: no I/O, no database."""
