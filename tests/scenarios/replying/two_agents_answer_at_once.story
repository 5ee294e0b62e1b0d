# Two agents answer the same mail: the second answer comes back, and is sent once its agent has seen the first.

anna writes "Word does not start." about "Word"
  anna receives receipt
alice replies "#resolve I reinstalled Word." to request
  anna receives confirm
bob replies "Please restart your computer." to request
  bob receives overtaken
  bob reads "Alice has already resolved it"
  bob reads "Please restart your computer."
  anna receives nothing
bob replies "#resolve Reinstalled, and please restart once." to copy
  anna receives confirm
  anna reads "please restart once"
alice replies "#resolve Never mind." to request
  alice receives overtaken
  anna receives nothing
