"""The support process: its events, notices, effects and transitions, the engine that decides, and its diagrams."""
