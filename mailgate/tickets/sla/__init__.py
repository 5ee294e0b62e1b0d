"""SLA of the tickets of a desk: terms from the configuration, deadlines from the history, and timers."""
