# A request in a language that the desk does not speak is answered in its first language.

anna writes "Guten Tag, mein Drucker druckt seit heute Morgen nicht mehr, und ich brauche ihn dringend. Vielen Dank für Ihre Hilfe." about "Drucker"
  level1 reads "Language: German, answered in English"
