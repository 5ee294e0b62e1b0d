# Level 1 forgets a ticket that was handed back, and it escalates again after its full time.

anna writes "I need access to the archive." about "Archive"
alice replies "#escalate"
2 business hours pass
carol replies "#handback Please ask for the form first."
3 business hours pass
  ticket is level1
1 business hours pass
  ticket is level2
