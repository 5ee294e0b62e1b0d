# A question beside a clear yes reaches Level 1 whatever it asks, since nobody else would read it.

anna writes "Word does not start." about "Word"
alice replies "#resolve I reinstalled Word."
  anna receives receipt, confirm
  level1 receives request, copy
anna replies "Sì, risolto, grazie mille! Ma chi mi aiuta con la stampante?" to confirm
  ticket is finalizing
  anna receives final
  level1 receives new_problem
  level1 reads "Ma chi mi aiuta con la stampante?"
ben writes "Excel does not start." about "Excel"
alice replies "#resolve I reinstalled Excel."
  ben receives receipt, confirm
  level1 receives request, copy
ben replies "It works, thanks!\n\n-- \nBen, Acme Ltd\nDo you really need to print this mail?" to confirm
  ticket 2 is finalizing
  ben receives final
  level1 receives nothing
