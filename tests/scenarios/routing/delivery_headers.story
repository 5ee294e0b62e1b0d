# A request is fetched from a mailbox: its delivery headers decide the queue.
with network queue

anna writes "No Wi-Fi in room 12." about "Wi-Fi" to undisclosed@example.org with the header "X-Original-To: network@example.com" into the mailbox
  ticket has the queue "network"
  network receives request
  level1 receives nothing
  network reads not "addressed to the desk" in request
ben writes "No Wi-Fi in room 13." about "Wi-Fi" to undisclosed@example.org with the header "Delivered-To: box7@mail.example.com" with the header "Envelope-To: network@example.com" into the mailbox
  ticket has the queue "network"
