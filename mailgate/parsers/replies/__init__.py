"""What a requester's reply says about the problem.

answer      the way in                        spelling: words; tongues: which languages
lexicon     the words of a language           patterns, entries, signs, misspellings: how they are kept
clauses     a text in clauses                 votes: what each says; health, negation: on what grounds
weighing    the clauses against each other    hearing: in their order
settling    the rules beside what was learnt  features, experience: how it was learnt (`learned.bin`)
"""
