# The word beside others is a request, and so is the question of somebody who has nothing open.

zoe writes "status" about "status"
  there is 1 ticket
zoe writes "What is the status of the new laptops that were ordered for us?" about "Status"
  there are 2 tickets
zoe writes "My printer does not print." about "Status"
  there are 3 tickets
