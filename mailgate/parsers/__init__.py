"""Bytes and text to values: what a mail says. Pure; nothing here raises on mail, defects are reported instead.

    message      raw mail → Mail              headers, addresses, parameters, text, html: its parts
    structure    the MIME tree → body, files  attachments: names, bytes, places in the raw mail
                                              skeleton: what the tree is built from
    quoting      what was written now         quotemarks, phrases: how mailers mark the rest
    automatic    what kind of mail it is      bounce: whom a mail did not reach
    references   which ticket it may be of    language: which language it is in
    answer       resolved, not fixed, unclear
    commands     what an agent wants done     vocabulary: the words for it
"""

from mailgate.parsers.answer import read_answer
from mailgate.parsers.commands import read_commands
from mailgate.parsers.message import read_mail

__all__ = ["read_answer", "read_commands", "read_mail"]
