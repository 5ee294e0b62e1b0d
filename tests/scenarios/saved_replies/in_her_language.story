# A saved reply goes out by its name in the requester's language, with its fields filled in, above the agent's own words.
with montreal queue
with [knowledge] replies = "replies"

the file replies/password-reset.fr.md says "Bonjour {first_name},\n\nvotre mot de passe est remis à zéro ({reference})."
the file replies/password-reset.en.md says "Hello {{ first_name }},\n\nyour password is reset ({reference})."
anna writes "I forgot my password." about "Login"
  anna receives receipt
alice replies "#reply Password-Reset\n\nI am here until five."
  anna receives answer
  anna reads "Hello Anna, your password is reset (SUP-1). I am here until five."
  anna never reads "{"
  anna never reads "#reply"
  the history says "reply: #reply password-reset"
  alice receives nothing
alice replies "Here it is once more.\n\n#reply password-reset"
  anna reads "Here it is once more. Hello Anna, your password is reset (SUP-1)." in answer
