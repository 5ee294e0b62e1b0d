# The notice about a too large mail speaks for the queue it was for, in that queue's language.
with montreal queue

zoe writes "" about "Video" to aide@montreal.example into the mailbox (61 MB)
  zoe receives too_large
  zoe sees the sender "Aide Montréal <aide@montreal.example>"
  zoe sees the subject "Votre e-mail est trop volumineux"
  zoe reads "du lundi 23 novembre à 3 h 00 (heure de Toronto) n’a pas pu être accepté. Il fait 61 Mo, et notre limite est de 25 Mo"
  operator receives oversized
  operator reads "An email of 61 MB is over the limit of 25 MB"
