# An agent in copy of a request answers all: the answer is recorded, not sent again, and its text is no command.

anna writes "Word does not start." about "Word" with copy to alice
  the participants are anna
  anna receives receipt
  level1 receives request
alice answers all "Please restart your computer." about "Word"
  there is 1 ticket
  anna receives nothing
  level1 receives nothing
  the history says "answer seen in copy: without proof"
  ticket has the last answer ""
alice replies "#resolve"
  alice receives reason_wanted
  ticket is level1
