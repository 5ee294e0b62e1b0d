"""The meaning of a received mail: its sender, the ticket that it follows up or opens, its commands, and held mails.

`receiver` is the module to read first: it takes a parsed mail from the worker and returns an outcome.
"""
