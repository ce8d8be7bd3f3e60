"""Articles to segments: words are numbered, postings counted, segments merged."""
