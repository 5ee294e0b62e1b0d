"""Tickets: the service that applies events, the history, SLA deadlines, undo, knowledge and the archive."""
