"""The health of a desk: its values (`values`), why it is not well (`reasons`), and the figures for Prometheus."""
