"""Classifies a mail (person, auto-reply, list, bounce, receipt) and reads bounces.

message_kind      the kind of a mail: the function to start at
evidence          what the kind is judged by; the kind of sender
auto_replies      out-of-office notes and the like, by their words
receipts          read receipts, abuse and DMARC reports, what clicks send
dsn               whether a mail is a delivery report
bounce            the failed recipients of a delivery report
bounce_text       the same from the text of a report in no standard form
returned_message  the mail that a report is about
phrasebook        many phrases of many languages, found in one pass
"""
