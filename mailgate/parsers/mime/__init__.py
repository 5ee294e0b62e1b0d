"""Reads the structure of a mail: bytes → headers, texts and files.

    headers            the header block         parameters, encoded_words, dates: header values
    tree               the parts, as offsets    leaves: the content of one part
    body               which parts are text     alternatives: which form; part_text: decoding it
    attachments        the files                uuencode: files inside a text
    transfer_encoding  base64, quoted-printable charsets, code_pages, iso2022jp: bytes → text
    clean_text         cleaning, format=flowed  defects: the faults of a mail, in words
    tnef, mapi, rtf, smime, pgp, enriched, icalendar: formats of their own

Bounded and linear; unreadable content becomes a defect.
"""
