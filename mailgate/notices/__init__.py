"""Everything that the desk writes: recipients, content, loop protection, rendering, MIME.

A notice goes from an effect `Send` of the workflow to a row of the outbox: `dispatcher` for a ticket's notices,
`system_notices` and `challenges` for mails of no ticket, `composer` for all of them. The catalogue in
`core.workflow.notice_catalogue` says what is true of each notice. `rendering` is pure but for reading the templates,
`mime` is pure.
"""
