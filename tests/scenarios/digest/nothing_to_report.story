# No digest is sent when there is nothing to report, nor on days without business hours.
with [digest] at = "08:00"
24 hours pass
alice receives nothing
carol receives nothing
# A mail of Friday evening is told on Monday.
81 hours pass
anna writes "Word does not start." about "Word"
60 hours pass
alice receives nothing
3 hours pass
alice receives digest
# The filter's spam is told to Level 1, and how to get a mail back.
anna writes "You have won." about "Prize https://evil.example/x" with the header "X-Spam-Flag: YES"
alice replies "#resolve It was the key." to request of ticket 1
24 hours pass
alice receives digest
alice reads "Blocked as spam (1) ------------------- - No. 2 · anna@example.org · Prize https:/ /evil.example/x"
alice reads "`mailgate requeue journal 2` turns the first one into a ticket"
carol receives nothing
24 hours pass
alice receives nothing
bob receives digest, digest
