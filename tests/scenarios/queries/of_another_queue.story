# An agent sees only the tickets of their own queues, and the manager sees all.
with network queue
with montreal queue
with [trust] authserv_id = ["mx.example.com"]

anna writes "Word does not start." about "Secret word"
luc writes "#list all\n#list level1 default\n#find secret\n#explain SUP-1\n#show SUP-1\n#report week" about "Tout" to aide@montreal.example and the pinned server says pass
  luc receives reply
  luc never reads "Secret"
  luc never reads "Anna"
  luc reads "le ticket SUP-1 n’existe pas, ou vous n’y avez pas accès"
  luc reads "File d’attente : Aide Montréal"
  luc reads not "File d’attente : Support"
  luc reads "Nouveaux : 0"
manager writes "#list all\n#find secret\n#explain SUP-1" and the pinned server says pass
  manager receives reply
  manager reads "Secret word · Anna Martin"
manager writes "#show SUP-1" and the pinned server says pass
  manager receives shown
