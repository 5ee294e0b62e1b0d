# A person is asked for a rating at most once a month over all queues.
with network queue

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
anna replies "resolved"
  anna reads "How satisfied are you with our help?" in final
  anna reads "from 1 (very dissatisfied) to 5 (very satisfied)" in final
1 day passes
anna writes "No network on the 2nd floor." about "Network" to network@example.com
nils replies "#resolve A cable was loose."
anna replies "resolved"
  ticket 2 has the queue "network"
  anna reads "A cable was loose." in final
  anna reads not "How satisfied" in final
ben writes "Excel does not start." about "Excel"
alice replies "#resolve I reinstalled Excel."
ben replies "resolved"
  ben reads "How satisfied are you with our help?" in final
30 days pass
anna writes "The mouse is dead." about "Mouse"
alice replies "#resolve A new battery."
anna replies "resolved"
  anna reads "How satisfied are you with our help?" in final
