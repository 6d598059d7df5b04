"""The tables of the first revision, as they were made; later revisions change them."""
