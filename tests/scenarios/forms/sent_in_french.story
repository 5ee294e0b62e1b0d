# A French agent sends a form by its French command, and the French requester fills it in in French.
with access form

anna writes "Bonjour, je voudrais un accès à la comptabilité s'il vous plaît, merci beaucoup." about "Accès"
alice replies "#formulaire access"
  anna receives receipt, details
  anna reads "Pour avancer sur votre demande SUP-1, nous avons besoin de quelques précisions."
  anna reads "Système : (obligatoire ; au choix : SAP, Mail)"
anna replies "Système : SAP\nÀ partir du : 01/12/2026" to details
  ticket has the fields "{'system': 'SAP', 'since': '2026-12-01'}"
