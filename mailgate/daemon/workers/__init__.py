"""The workers of the daemon: each takes rows that are due, processes them and finishes them.

`registry.WORKERS` lists them; `worker_loop` runs one in a thread. A new periodic job is a module here and a row there.
"""
