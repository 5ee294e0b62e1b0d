# From the first words of an agent on, all mails of a ticket have the requester's own subject, also a question.

anna writes "It prints grey." about "Printer prints grey pages"
  anna sees the subject "[SUP-1] We’ve received your request"
alice replies "#waiting Which one?"
  anna sees the subject "Re: Printer prints grey pages [SUP-1]"
anna replies "The one on the second floor." to question
alice replies "#resolve I changed the cartridge."
  anna sees the subject "Re: Printer prints grey pages [SUP-1]"
anna replies "It works." to confirm
  anna sees the subject "Re: Printer prints grey pages [SUP-1]"
