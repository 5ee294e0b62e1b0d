"""IMAP source: reads a folder of an IMAP server (RFC 9051, RFC 3501), with one thread and connection for each folder.

A mail is fetched without setting flags, stored, and only then moved, flagged or deleted. Its source key is account,
folder, UIDVALIDITY and UID, so that none is stored twice whatever was interrupted. The network never makes this
package raise: failures are reported to the source status, and the thread reconnects after a pause that grows.
"""
