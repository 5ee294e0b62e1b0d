# A yes with the token of another ticket confirms only that other ticket.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
anna writes "Excel does not start." about "Excel"
alice replies "#resolve I reinstalled Excel." to request of ticket 2
anna replies "resolved" to confirm of ticket 2
  ticket 1 is confirming
  ticket 2 is finalizing
