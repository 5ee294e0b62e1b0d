# A French requester is asked for the fields of a form in French and fills them in in French.
with access form

anna writes "Bonjour, je voudrais un accès à la comptabilité s'il vous plaît, merci beaucoup." about "Accès" to support+access@example.com
  anna receives form
  anna reads "Système : (obligatoire ; au choix : SAP, Mail)"
  anna reads "À partir du : (obligatoire ; une date, par exemple 31/01/2027)"
anna replies "systeme : SAP\na partir du : 1er décembre" to form
  anna receives nothing
  ticket has the fields "{'system': 'SAP', 'since': '2026-12-01'}"
  level1 receives request, message
