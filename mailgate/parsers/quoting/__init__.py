"""Separates the newly written text from quotes, signatures and added footers.

strip           the functions to start at: read_new_text, cut_quotes
attributions    "On … wrote:"
quote_lines     header blocks, separators, forwards, subject prefixes
signatures      signatures and closes: cut_signature, cut_closing
business_cards  contact details below a text
footers         lines that phones, programs, companies and lists add
images          images that only the quote or the signature shows
"""
