# A colleague is named by first name, by the directory or by the address; the history has the address.
with [directory] people = "people.csv"
with [levels.level1] agents = ["alice@example.com", "bob@example.com", "bs2@example.com"]

the file people.csv says "address;name;first name\nbs2@example.com;Müller;Zoé"
anna writes "Word does not start." about "Word"
alice replies "#assign bob"
  ticket has the assignee "bob@example.com"
  bob receives assigned
  the history says "assign: #assign bob (alice@example.com)"
alice replies "#assign zoe MULLER" to request
  ticket has the assignee "bs2@example.com"
alice replies "#confier moi" to request
  ticket has the assignee "alice@example.com"
bob replies "#assign Alice <alice@example.com>" to assigned
  ticket has the assignee "alice@example.com"
