# A requester answers a form without filling it in and is asked once more, unless they withdraw or say thanks.
with access form

anna writes "I need access." about "Access" to support+access@example.com
anna replies "Please give me a call about it." to form
  anna receives form, form
  level1 receives request, message
  the history says "form filled in: nothing was filled in"
ben writes "I need access." about "Access" to support+access@example.com
ben replies "No longer needed, thank you." to form
  ben receives form
  level1 receives request, withdrawal
zoe writes "I need access." about "Access" to support+access@example.com
zoe replies "Thank you!" to form
  zoe receives form
  level1 receives request, message
