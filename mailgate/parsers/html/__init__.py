"""HTML as a person reads it.

html      the way in       layout, elements: lists, tables, links, what is hidden
                           clientmarks, marks: what mail clients mark as quote or signature
"""
