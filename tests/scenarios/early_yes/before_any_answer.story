# Nobody has answered yet: that it works again may withdraw the request, and the level decides.

anna writes "I cannot log in to the portal." about "Portal"
anna replies "Never mind, it works again." to receipt
  ticket is level1
  level1 receives request, withdrawal
