"""Mail from a folder of an IMAP server (RFC 9051, RFC 3501): one thread and one connection for each folder.

A mail is fetched without a trace, stored, and only then moved, flagged or deleted. Its name at the source is account,
folder, UIDVALIDITY and UID, so that none is stored twice whatever was interrupted. The network never makes this
package raise: what fails is told to `Reports`, and the thread comes back after a pause that grows.

    settings.py       what one folder needs
    client.py         imapclient with its traps closed; its only importer
    guard.py          ending what a server would never end
    login.py          a connection that is encrypted and logged in
    session.py        a connection that is logged in and has the folder open: looking and fetching
    away.py           what becomes of mails that are stored: moved, flagged, deleted
    outcomes.py       why a server does not do what it was asked
    first_contact.py  the first contact, and the first after the server numbered its mails anew
    ledger.py         what the database knows of the folder and its mails
    collection.py     fetched, stored, put away; and what cannot be
    mailbox.py        the thread: meet, reconcile, drain, wait
"""
