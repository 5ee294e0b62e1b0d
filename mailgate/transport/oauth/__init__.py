"""Access tokens in place of passwords: an account's settings in, a token to log in with out (RFC 6749).

Fails with `NoToken`, whose words are one line for the operator: what the token endpoint said, and what to do next.
Nothing secret stands in them. The device flow fails with values.

    account.py      `Account`: a token for whoever logs in, kept until shortly before it ends
    grants.py       the three ways to a token: client secret, refresh token, service account
    assertion.py    what a Google service account signs (RFC 7523)
    refreshing.py   the file of a refresh token: one owner at a time, replaced whole
    device.py       the first refresh token, by a browser anywhere (RFC 8628)
    endpoint.py     one POST to a token endpoint, and its answer as a value
    sasl.py         what is said to a mail server with the token (RFC 7628)
"""
