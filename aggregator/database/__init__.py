"""The store's database: the only SQL of the program. SQLAlchemy Core, so that a second engine can follow."""
