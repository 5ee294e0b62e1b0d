"""Store: the only SQL of the program. Queues, tickets, events, outbox and blobs on SQLite or PostgreSQL."""
