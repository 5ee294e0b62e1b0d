# A contact form without the pinned server's pass opens nothing, and the person in Reply-To gets no mail.
with [trust] forms = ["noreply@www.example.com"]
with [trust] authserv_id = ["mx.example.com"]

form writes "I cannot log in." about "Contact form" with the header "Reply-To: anna@example.org" with the header "Auto-Submitted: auto-generated"
  there are 0 tickets
  the journal says ignored
  anna receives nothing
form writes "I cannot log in either." about "Contact form" with the header "Reply-To: anna@example.org"
  anna receives nothing
