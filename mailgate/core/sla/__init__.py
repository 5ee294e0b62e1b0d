"""SLA of a ticket: the terms that were promised, the account of what came of them, and their arithmetic."""
