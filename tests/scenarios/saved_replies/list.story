# An agent lists the saved replies and articles by name with #help replies, from a ticket or in a mail of its own.
with [knowledge] replies = "replies"
with [knowledge] articles = "articles"
with [trust] authserv_id = ["mx.example.com"]

the file articles/paper-jam.md says "# Paper jam in the printer\n\nOpen the back lid."
1 minute passes
the file replies/password-reset.en.md says "Hello {name},\n\nyour password is reset."
the file replies/password-reset.fr.md says "Bonjour,\n\nvotre mot de passe est remis."
the file replies/secret.en.md says "---\nqueue: other\n---\nNothing for you."
anna writes "I forgot my password." about "Login"
alice replies "#help replies"
  alice receives reply
  alice reads "- password-reset (en, fr): your password is reset."
  alice reads "- 1 (paper-jam): Paper jam in the printer"
alice writes "#help saved replies" about "Texts" and the pinned server says pass
  alice reads "- password-reset (en, fr): your password is reset."
alice replies "#help" of ticket 1
  alice reads "#reply NAME: adds that saved reply" in help
