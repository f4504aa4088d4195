"""SQLite and PostgreSQL: the same tables, the same statements, the same tests."""
