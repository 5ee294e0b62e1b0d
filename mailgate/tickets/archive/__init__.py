"""A ticket as a bundle: one ZIP file that needs no mailgate to be read, and that any mailgate can take in again.

    ticket.json     everything that is known of the ticket, by a published schema (`schema/ticket-1.schema.json`)
    index.html      the same for people
    mails/NNN.eml   what came in, byte for byte
    sent/NNN.eml    what went out or was to go out, byte for byte
    attachments/    the files of the mails
    manifest.json   size and SHA-256 of each of these (`schema/manifest-1.schema.json`)

`record` is the format, `gathering` reads a ticket out of the database, `writing` makes the file, `checking` opens one
that somebody hands us, `loading` puts its ticket into a desk. The same ticket gives the same bytes each time.
"""
