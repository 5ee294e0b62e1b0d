# Fields that are missing or unusable are asked for once more and never again, and work goes on meanwhile.
with access form

anna writes "I need access." about "Access" to support+access@example.com
  anna receives form
  level1 receives request
anna replies "System: Sapp\nWhy: I begin." to form
  anna receives form
  anna reads "“Sapp” for “System”"
  anna reads "What you’ve told us already: - “I begin.” for “Why”"
  anna reads "Wanted from: (required; a date, such as 2027-01-31)"
  anna sees the subject "Re: Access [SUP-1]"
  level1 receives message
  level1 reads "System: “Sapp” isn’t valid (one of: SAP, Mail)"
  level1 reads "Wanted from: missing"
  level1 reads "asked the requester twice for the missing details"
  ticket has the form asked "2"
anna replies "Wanted from: soon" to form
  anna receives nothing
  level1 receives message
anna replies "I do not know any of it." to form
  anna receives nothing
  level1 receives message
  ticket is level1
  ticket has the fields "{'why': 'I begin.'}"
alice replies "#resolve You have access to SAP."
  anna receives confirm
