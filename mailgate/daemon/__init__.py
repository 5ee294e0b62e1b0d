"""`serve`: builds the desk from the settings and runs its roles in one or several processes.

desk.py         builds the services that decide, from the settings
roles.py        runs the roles of one process, each in threads
sources.py      starts and stops the sources of mail
workers/        processes the journal, the outbox, the timers and periodic jobs
supervisor.py   runs a process for each group of roles
wakeup.py       wakes roles in other processes
systemd.py      notifies systemd
"""
