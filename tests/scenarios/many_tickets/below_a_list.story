# An agent answers a list with commands on its tickets, in the words of their language.
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word ne démarre pas." about "Word"
ben writes "L'imprimante est bloquée." about "Imprimante"
alice writes "#list unassigned" about "Work" and the pinned server says pass
  alice receives reply
alice replies "#prendre SUP-1\n#clore SUP-2 sans réponse" to reply and the pinned server says pass
  ticket 1 has the assignee "alice@example.com"
  ticket 2 is finalizing
  ticket 2 has the close reason "no answer"
  alice receives reply
