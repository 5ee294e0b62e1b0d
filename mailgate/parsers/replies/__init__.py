"""Reads a requester's reply to "is the problem solved?": resolved, not fixed, or unclear.

answer         the function to start at: read_answer
languages      the languages a text may be in      spelling: words, folding
lexicon        the phrases of one language         patterns, word_index, typos: how phrases are matched
categories     the categories of phrases
subject        the writer's own words in a subject
clauses        text → clauses with their categories
clause_vote    the vote of one clause              resolution, negation: states and denials in it
sequence       the votes in their order            score: the answer by the rules
classifier     probabilities learnt from labelled answers (`learned.bin`); features: its input
combine        rules and classifier → the answer
"""
