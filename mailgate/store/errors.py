"""Errors on one line, for the log and for the rows of a queue; a traceback only where the cause is not known."""

from __future__ import annotations

import logging

from sqlalchemy.exc import StatementError

from mailgate.config.permissions import describe_os_error
from mailgate.core.log_fields import Fields
from mailgate.store.database import describe_loss


def describe_known(error: BaseException) -> str:
    """Describes an error of the machine: a lost database, a full disk, a file that may not be used; "" for others."""
    return describe_os_error(error) if isinstance(error, OSError) else describe_loss(error)


def describe_error(error: BaseException) -> str:
    """Describes any error on one line, without the statement and the parameters that a database adds."""
    if known := describe_known(error):
        return known
    cause = error.orig if isinstance(error, StatementError) and error.orig is not None else error
    primary = getattr(getattr(cause, "diag", None), "message_primary", None)  # PostgreSQL quotes the statement
    words = primary or str(cause)
    return f"{type(cause).__name__}: {' '.join(words.split())}"


def log_error(log: logging.Logger, error: BaseException, **fields: object) -> None:
    """Logs a failure with its reason; one that is not of the machine is a bug, and gets its traceback, too."""
    known = describe_known(error)
    log.error(Fields(**fields, reason=known or describe_error(error)), exc_info=None if known else error)
