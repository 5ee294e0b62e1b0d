# The requester's own subject appears in mails to them once an agent has answered.

anna writes "Word does not start." about "Word"
  anna sees the subject "[SUP-1] We’ve received your request"
alice replies "Please restart."
  anna sees the subject "Re: Word [SUP-1]"
