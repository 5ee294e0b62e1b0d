# A form of another queue opens its ticket in that queue, with its type and priority.
with network queue
with badge form

anna writes "I need a badge." about "Badge" to support+badge@example.com
  ticket has the queue "network"
  ticket has the priority "high"
  ticket has the channel "form"
  network receives request
  level1 receives nothing
  anna receives form
  anna's answers go to "network+SUP-1.1."
anna replies "Building: North" to form
  network receives message
  network reads "Building: North"
