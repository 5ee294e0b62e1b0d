# After a form words such as "it works now" answer it and close nothing, and a colleague who answers late reads who sent it.
with access form

anna writes "I cannot get into our accounts any more." about "Accounts"
alice replies "#form access\n\nPlease fill this in."
bob replies "#resolve Restart it." to request
  bob receives overtaken
  bob reads "sent a form"
anna replies "It works now, thanks." to details
  ticket is level1
  anna receives receipt, details, form
