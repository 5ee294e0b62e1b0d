"""What was written now, told from what is quoted, signed or added by a program.

quoting         the way in: cut_quotes, cut_signature, cut_closing, read_new_text
quotemarks      header blocks, separators, forwards      attributions: "On … wrote:"
signatures      signatures and closes                    cards: visiting cards
                                                         footers: what phones, programs and lawyers add
"""
