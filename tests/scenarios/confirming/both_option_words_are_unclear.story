# The requester leaves both option words in the reply, and is asked to clarify.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
  anna receives receipt, confirm
anna replies "resolved / not fixed"
  ticket is confirming
  anna receives clarify
