# The receipt offers no article to a requester who writes in a language that the article is not in.
with [knowledge] articles = "articles"
with [knowledge] offer_in_receipt = true

the file articles/pw.md says "---\ntitle: Portal password\nlanguage: en\npublic: yes\n---\nOpen the portal and choose Account."
1 minute passes
ben writes "Dzień dobry,\nnie mogę zmienić hasła, portal password nie działa. Proszę o pomoc." about "Portal password"
  ben receives receipt
  ben never reads "choose Account"
anna writes "My portal password does not work, what can I do?" about "Portal password"
  anna reads "choose Account"
