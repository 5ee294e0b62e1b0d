"""Archive of tickets: a bundle is one ZIP file that can be read without mailgate, and imported by any mailgate.

    ticket.json     everything that is known of the ticket, by a published schema (`schema/ticket-1.schema.json`)
    index.html      the ticket as a page for people
    mails/NNN.eml   what came in, byte for byte
    sent/NNN.eml    what went out or was to go out, byte for byte
    attachments/    the files of the mails
    manifest.json   size and SHA-256 of each of these (`schema/manifest-1.schema.json`)

`format` has the models, `export` reads a ticket from the database, `writer` makes the file, `verification` opens a
bundle of unknown origin, `validation` checks what it says, and `import_` puts its ticket into a desk. The same ticket
gives the same bytes each time.
"""
