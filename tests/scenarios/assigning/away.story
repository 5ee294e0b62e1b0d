# An agent reports an absence and its end by mail.
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word does not start." about "Word"
alice replies "#take" to request
  alice receives nothing
alice writes "#away until Friday" about "Holidays" and the pinned server says pass
  alice receives reply
  alice reads "You’re marked as away up to and including Friday 27 November 2026. You’re back from Saturday 28 November at 00:00 (Paris time)."
  alice reads "You have 1 ticket at the moment."
alice writes "#away yesterday" and the pinned server says pass
  alice reads "until when? Name a day from today on"
alice writes "#absent retour" and the pinned server says pass
  alice reads "Welcome back"
