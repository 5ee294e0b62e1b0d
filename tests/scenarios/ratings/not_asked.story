# No rating is asked for where there was no solution: withdrawn requests and duplicates.

anna writes "Word does not start." about "Word"
alice replies "#close no longer needed"
  anna reads not "satisfied" in final
ben writes "Word does not start either." about "Word"
alice replies "#resolve I reinstalled Word."
alice replies "#close duplicate SUP-1"
  ben reads not "satisfied" in final
anna writes "Excel does not start." about "Excel"
alice replies "#resolve I reinstalled Excel."
alice replies "#close She told me on the phone that it works."
  anna reads "How satisfied are you with our help?" in final
