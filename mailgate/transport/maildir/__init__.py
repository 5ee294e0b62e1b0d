"""Maildir source: takes the mails that a delivery agent puts into the new folder."""
