"""What a mail is made of: bytes → headers, texts and files. Bounded and linear; what cannot be read becomes a defect.

headers       the block, its values    parameters, encodedwords, dates: what stands in them
tree          the parts as places      skeleton, leaves: what is read of them; defects: mail-parser's opinion
structure     which parts are body     alternatives: which form; texts: as people read it; attachments: files
transfer      base64 and its kin       uuencode: the same inside a text
charsets      bytes → letters          japanese: undeclared ISO-2022; text: cleaning, format=flowed
tnef, mapi, rtf, smime, armour, enriched, icalendar   what has a form of its own
"""
