# The requester of a phone call is written to in the language of the text above the agent's signature, or of their last ticket.
with [trust] authserv_id = ["mx.example.com"]
with [desk] languages = ["en", "it", "fr"]

alice writes "#requester anna@example.org by phone\n\nExcel si chiude ancora.\n\nKind regards\nAlice Moreau" about "Excel" and the pinned server says pass
  ticket has the language "it"
alice writes "#to ben@example.org\n\nLa stampante non funziona ancora.\n\nKind regards,\n\nAlice Moreau" about "Stampante" and the pinned server says pass
  ticket has the language "it"
alice writes "#requester anna@example.org by phone\n\nExcel 0x80070005" about "Excel" and the pinned server says pass
  ticket has the language "it"
alice writes "#requester zoe@example.net by phone\n\nExcel 0x80070005" about "Excel" and the pinned server says pass
  ticket has the language "en"
