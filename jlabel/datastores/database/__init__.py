"""The databases that a catalogue can be in, SQLite and PostgreSQL: connections, transactions, errors, and the few
statements that differ. All else is written in SQLAlchemy's own terms."""
