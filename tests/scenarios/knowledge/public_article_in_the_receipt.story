# The receipt offers public articles in the requester's language and repeats none of the requester's words.
with [knowledge] articles = "articles"
with [knowledge] offer_in_receipt = true

the file articles/mdp.md says "---\ntitle: Changer son mot de passe\nlanguage: fr\npublic: oui\n---\nRendez-vous sur le portail, rubrique Compte."
the file articles/pw.md says "---\ntitle: Changing a password\nlanguage: en\npublic: yes\n---\nOpen the portal and choose Account."
the file articles/inside.md says "---\ntitle: Password of the safe\nlanguage: en\n---\nOnly for agents: the password is in the blue book."
1 minute passes
anna writes "How do I change my password? The page shows FOOBAR." about "Password FOOBAR"
  anna receives receipt
  anna reads "This may help in the meantime"
  anna reads "Changing a password > Open the portal and choose Account."
  anna never reads "blue book"
  anna never reads "portail"
  anna never reads "FOOBAR"
  level1 reads "Password of the safe" in request
zoe writes "Bonjour,\nje voudrais changer mon mot de passe, comment faire ?" about "Mot de passe"
  zoe reads "En attendant, ceci peut vous aider"
  zoe reads "Rendez-vous sur le portail, rubrique Compte."
  zoe never reads "Account"
ben writes "My screen is black." about "Screen"
  ben receives receipt
  ben never reads "may help in the meantime"
