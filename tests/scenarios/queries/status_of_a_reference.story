# "#status SUP-1" in a new mail belongs to no ticket: the reply names "#show SUP-7" first, as it shows a ticket by its reference.
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word does not start." about "Word"
alice writes "#status SUP-1" about "How is it" and the pinned server says pass
  alice reads "You get one with “#show SUP-7” and the ticket’s own reference"
  alice reads not "#status SUP-7"
