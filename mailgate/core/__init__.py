"""Values and rules without I/O: messages, the workflow, SLA, calendar, tokens. Imports no other package of mailgate."""
