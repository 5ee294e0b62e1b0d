"""What sort of mail it is, and whom a mail did not reach.

automatic   the kind            evidence: who seems to write; notes, receipts: what no person wrote
bounce      the bounces         reports: whether it is one; refusals: whom, and why; originals: which mail
                                phrasebook: many phrases in one pass
"""
