"""Measurements: `python -m bench.intake` compares the way in with a bare aiosmtpd on the same machine, in one run."""
