# A requester whose request is closed as withdrawn replies with the words that the final notice quotes: it goes on.
with [desk] languages = ["en", "pl"]

anna writes "Dzień dobry, drukarka na drugim piętrze nie drukuje. Dziękuję." about "Drukarka"
  anna receives receipt
alice replies "#close withdrawn" to request
  ticket is finalizing
  anna receives final
  anna reads "Zamykamy Twoje zgłoszenie SUP-1."
  anna reads "Odpowiedz „Nadal potrzebuję pomocy”"
  anna reads not "nierozwiązane"
anna replies "Nadal potrzebuję pomocy" to final
  ticket is level1
  anna receives reopened
