# A participant says that it works: the requester reads whose words were taken for it, other participants do not.

anna writes "The portal stays empty." about "Portal" with copy to ben, zoe
alice replies "I have restarted the portal."
ben replies "It works again." to answer
  ticket is finalizing
  anna reads "> It works again." in final
  anna reads "the message of Ben" in final
  ben reads "> It works again." in final
  ben reads "your message" in final
  zoe reads not "It works again." in final
