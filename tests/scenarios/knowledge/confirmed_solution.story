# A confirmed solution is suggested for the next similar request, without anything that tells whose it was.

anna writes "Hello,\nmy VPN client shows error 691 since the update.\nAnna Martin, +33 1 23 45 67 89" about "VPN error 691"
  level1 receives request
  level1 reads not "Suggested solutions"
alice replies "#resolve Hello Anna,\nI renewed the certificate of the VPN client; write to anna@example.org if it comes back."
  anna receives receipt, confirm
anna replies "Yes, it is resolved."
3 business days pass
  ticket is closed
ben writes "The VPN says 691, what can I do?" about "No VPN"
  level1 reads "Suggested solutions" in request
  level1 reads "1. VPN error 691" in request
  level1 reads "I renewed the certificate of the VPN client; write to … if it comes back." in request
  level1 reads "Matching words: VPN, 691." in request
  level1 reads "It helped 1 person." in request
  level1 reads "such as #kb 1" in request
  level1 reads not "Hello Anna" in request
  level1 reads not "Martin" in request
  level1 reads not "23 45" in request
  ben never reads "certificate"
