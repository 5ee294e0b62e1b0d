"""SMTP and LMTP servers (RFC 5321, RFC 2033): they store a mail and only then acknowledge it."""
