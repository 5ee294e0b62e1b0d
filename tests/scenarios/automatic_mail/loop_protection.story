# Too many automatic notices to one address in an hour: the desk stops them and alarms the operator.
with [limits] automatic_per_address_hour = 3

anna writes "First." about "One"
anna writes "Second." about "Two"
anna writes "Third." about "Three"
  anna receives receipt, receipt, receipt
anna writes "Fourth." about "Four"
  anna receives nothing
  operator receives alarm
  level1 receives request, request, request, request
  the history says "breaker"
anna writes "Fifth." about "Five"
  anna receives nothing
  operator receives nothing
alice replies "#resolve Done." to request of ticket 5
  anna receives confirm
anna replies "resolved"
  anna receives final
