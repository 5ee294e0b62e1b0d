"""Separates the newly written text from quotes, signatures and added footers.

strip           the functions to start at: read_new_text, cut_quotes
attributions    "On … wrote:"
quote_lines     header blocks, separators, forwards, subject prefixes
prefixes        quotes with another mark than `>`
unmarked_quotes the mail that is answered, where it stands without marks
signatures      signatures and closes: cut_signature, cut_closing
business_cards  contact details below a text
footers         lines that phones, programs, companies and lists add
rich_form       signature and emphasis that the HTML form of a text proves
images          images that only the quote or the signature shows
"""
