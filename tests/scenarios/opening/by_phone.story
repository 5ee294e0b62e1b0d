# An agent writes down a request that came by phone: the agents read the channel, the requester does not.
with [trust] authserv_id = ["mx.example.com"]

alice writes "#requester Anna Martin <anna@example.org> by phone\n\nWord does not start on her laptop." about "Word" and the pinned server says pass
  ticket has the requester "anna@example.org"
  ticket has the requester name "Anna Martin"
  ticket has the channel "phone"
  the history says "by phone, verified by"
  anna receives receipt
  anna never reads "phone"
  level1 receives request
  level1 reads "Channel: phone"
  alice receives nothing
alice replies "#status" to request
  alice reads "Channel: phone" in status
alice replies "#show" to request
  alice reads "Channel: phone" in shown
alice replies "Please restart it." to request
  anna receives answer
  anna never reads "phone"
carol writes "#requester ben@example.org im Chat\n\nExcel does not start." about "Excel" and the pinned server says pass
  ticket 2 has the channel "chat"
carol writes "#requester ben@example.org by pigeon\n\nPaint does not start." about "Paint" and the pinned server says pass
  there are 2 tickets
