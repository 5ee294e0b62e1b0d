# Commands in such an answer need proof.

anna writes "Word does not start." about "Word" with copy to alice
  anna receives receipt
alice answers all "#resolve I reinstalled Word." about "Word"
  ticket is level1
  anna receives nothing
  level1 receives request, held
