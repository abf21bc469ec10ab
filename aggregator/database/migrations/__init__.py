"""Migrations of the schema, run by Alembic (database.store)."""
