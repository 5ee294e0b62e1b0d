"""Knowledge base: the articles of the operator, and confirmed solutions of tickets.

    articles  the operator's articles, as files
    learning  solutions that requesters confirm, or refute by coming back

The rows are `store/knowledge`, the search `store/article_search`. [knowledge] enabled = false switches all of it off.
"""
