"""Converts HTML to text as a person reads it.

html_to_text   the function to start at
layout         elements → lines: lists, tables, links
elements       one element: hidden, a block, its first words, its link
client_markup  quotes and signatures by the class names and ids of mail clients
emphasis       bold and italic words, with the marks that plain forms put around them
marks          characters that carry these quotes and signatures to `quoting`
runs           the words with their format, for notices that show it
safe_html      such words as HTML that may leave the desk
alignment      finds the words of a text in the runs of its mail
"""
