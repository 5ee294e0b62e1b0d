"""Held mails: commands in an agent's name that wait for a challenge, and unknown senders who wait for a decision.

A held mail stays in the journal with the state `done` and an outcome that names its hold. The hold is a question to one
person, with a token of its own. The answer, in one transaction, puts the mails back into the journal or ends them;
after that the token is worth nothing. A mail that a challenge has proven is received again, with `proven` set to its
author.
"""
