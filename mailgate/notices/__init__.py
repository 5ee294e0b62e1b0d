"""Notices: a ticket's content → the bytes of a mail.

    content.py    what a notice may show, and the notice in words: the values handed in and out
    morning.py    what a digest tells
    bulletin.py   what a mailed report is made of
    colours.py    the desk's colour, readable on a light and on a dark page
    look.py       how a queue's notices look: colours, logo, signature
    words.py      times, sizes, durations and names of things in the reader's language
    templates.py  `Templates`: text and HTML of a notice; the operator's folder lies over ours
    hypertext.py  the HTML alternative, made from the text part
    subjects.py   subject lines (rule 13) and the two answer links (rule 15)
    samples.py    `sample` contents, and `prove`: every notice in every language, mistakes in words
    headers.py    header lines: folding, encoded words, addresses, Message-IDs (rules 1, 4, 20)
    enclosure.py  a mail that came in as it may be attached: 7-bit, without its files and anybody's token
    mime.py       `compose` a message around its files, `assemble` it to bytes

All but `Templates` is pure. Rendering fails only where a template of ours is broken, which is a bug; a broken one of
the operator's is logged and ours is sent in its place. Composing never fails: what cannot stand in a header is
cleaned or left out.
"""
