"""The contract: what operators, mail programs and other software rely on, as lines of text.

    program.py        the places inside mailgate that it is drawn from
    commands.py       the command line
    configuration.py  the keys of mailgate.toml
    desk.py           tickets in many states: JSON, CSV, metrics, bundles, headers of notices
    database.py       the tables, on SQLite
    library.py        mailgate.parsers as a library; the values of enumerations
    files.py          logger names, names of own headers, templates
    frozen/           the contract as it was last written on purpose, a file for each part

Each line is one fact that can be read by itself, so that a difference names what has changed. Names of modules, classes
and internal functions are not part of it, nor is anything that depends on the date, the terminal or optional packages.
`tests/test_contract.py` compares, and writes `frozen/` anew on request.
"""
