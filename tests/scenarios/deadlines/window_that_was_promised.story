# The time for an objection is shortened in the configuration: who was told a day keeps it, who hears later gets the new one.

anna writes "The printer is broken." about "Printer"
alice replies "#resolve A new cable." to request
anna replies "yes" to confirm
  ticket is finalizing
  anna reads "by Thursday 26 November at 09:00" in final
the desk starts again with [confirmation] objection_window = "1 business hour"
  ticket is finalizing
2 business days pass
  ticket is finalizing
ben writes "The mouse is broken." about "Mouse"
alice replies "#resolve A new one lies on the desk." to request of ticket 2
ben replies "yes" to confirm of ticket 2
  ticket 2 is finalizing
1 business hour passes
  ticket 2 is closed
1 business day passes
  ticket 1 is closed
