# The manager rejects a closing, and the requester who had confirmed is not told that the problem persists.
with [confirmation] review = ["incident"]

anna writes "Word does not start." about "Word"
alice replies "#type incident"
alice replies "#resolve I reinstalled Word."
anna replies "resolved"
anna replies "Yes, everything works."
manager replies "#reject The cause is not documented."
  alice reads "didn’t approve the closure: The cause is not documented." in not_fixed
  alice reads not "didn’t work" in not_fixed
  anna reads "we’re taking another look" in reopened
  anna reads not "sorry" in reopened
  anna never reads "documented"
