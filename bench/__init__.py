"""Measurements, each a module to run: `python -m bench` is the comparison; `docs/performance.md` says the rest."""
