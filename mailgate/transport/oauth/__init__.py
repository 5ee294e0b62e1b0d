"""OAuth2 access tokens for the logins of mailboxes and of the relay: grants, token files and SASL strings.

An `OAuthAccount` keeps a token until shortly before it expires. The token comes by a client secret, a refresh token or
the key of a Google service account; `mailgate authorize` gets the first refresh token by the device grant.
"""
