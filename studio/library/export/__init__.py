"""Takes as other programs read them: films, tables, scripts."""
