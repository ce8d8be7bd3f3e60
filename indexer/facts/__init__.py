"""Title, date, author, source, agency and language, each with where it was found."""
