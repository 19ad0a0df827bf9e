"""Migrations of the schema, oldest first; revisions are numbers of four digits."""
