"""Benchmarks, each a module to run: `python -m bench` is the comparison; docs/performance.md explains the others."""
