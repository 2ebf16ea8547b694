"""How a catalogue's tables came to be as they are: Alembic's revisions, numbered as the versions of the catalogue."""
