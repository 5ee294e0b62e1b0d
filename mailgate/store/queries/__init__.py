"""Read-only queries for listings, worklists, reports, exports and checks; and the rows of an import."""
