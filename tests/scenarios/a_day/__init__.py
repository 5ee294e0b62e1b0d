"""A day of twelve tickets in six languages and the two weeks after it, and the mails that the staff get in them.

`script` is what people do, `judgement` says which mail tells its readers nothing new, `python -m tests.scenarios.a_day`
prints the table that docs/agents.md has.
"""
