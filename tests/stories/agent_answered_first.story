# An agent's answer to a stranger also makes him known: the thread keeps the requester's own subject.

anna writes "Word does not start." about "Word"
  anna sees the subject "[SUP-1] We have received your request"
alice replies "Please restart."
  anna sees the subject "Re: Word [SUP-1]"
