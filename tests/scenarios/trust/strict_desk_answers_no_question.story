# A desk that needs a pass answers no question without one.
with [trust] authserv_id = ["mx.example.com"]
with [trust] agents_need = "pass"

alice writes "#list all" about "Everything"
  alice receives challenge
