# A ticket that is put off before the mail of the day about its silent requester leaves is not in that mail.

anna writes "My account is locked." about "Account"
1 business hour passes
alice replies "#waiting\nWhich account is it?"
7 business days pass
  level1 receives request, copy
alice replies "#later 14 December" to request
2 business days pass
  level1 receives nothing
