"""The parts of `init`: suggesting, asking, trying and writing a first configuration.

machine.py       the suggestions of this machine: time zone, language, mail server, the running program
questions.py     the questions, each of which is also an option, and how an answer is read
dialog.py        the questions at a terminal, or all answers from options
trials.py        tries of an answer: the relay, the mailbox, the database, the port
document.py      the text of the configuration
installation.py  the files, the user and the folders, all or none
next_steps.py    the steps that are left on this machine
"""
