"""MIME of notices: headers and messages, received mails as attachments, the guard against leaking internal notices."""
