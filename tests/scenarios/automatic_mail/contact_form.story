# A contact form that the pinned server vouches for opens a ticket for the person in Reply-To.
with [trust] forms = ["noreply@www.example.com"]
with [trust] authserv_id = ["mx.example.com"]

form writes "I cannot log in." about "Contact form" and the pinned server says pass with the header "Reply-To: anna@example.org" with the header "Auto-Submitted: auto-generated"
  there is 1 ticket
  ticket has the requester "anna@example.org"
  anna receives receipt
  form receives nothing
  level1 receives request
