"""Knowledge base: the articles of the operator, and confirmed solutions of tickets.

    articles  the operator's articles, as files
    learning  solutions that requesters confirm, or refute by coming back

The rows and the search are `store/knowledge`. [knowledge] enabled = false switches all of it off.
"""
