# A question within the reopening window reopens a closed ticket and does not count as "not fixed".

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
anna replies "resolved"
3 business days pass
  ticket is closed
anna replies "Which version of Word do I have now?" to final
  ticket is level1
  ticket has the not fixed "0"
  anna receives receipt, confirm, final, reopened
