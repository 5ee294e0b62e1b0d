# A form that is filled in after the solution neither confirms nor rejects it.
with access form

anna writes "I need access." about "Access" to support+access@example.com
alice replies "#resolve You have it."
anna replies "System: SAP\nWhy: it does not work without, still the same error" to form
  ticket is confirming
  ticket has the fields "{'system': 'SAP', 'why': 'it does not work without, still the same error'}"
  anna receives form, confirm, clarify
  level1 receives request, copy, unclear
