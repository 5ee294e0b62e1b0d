"""What the desk knows already, and how it comes to know it.

    folder       the operator's articles, as files
    suggestions  which of all this may solve a request, and what a receipt may offer
    lessons      what a ticket teaches when its requester confirms the solution, or comes back

The rows and the search are `store/knowledge`. [knowledge] enabled = false switches all of it off.
"""
