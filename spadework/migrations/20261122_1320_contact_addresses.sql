-- Which source gave a contact's e-mail address, and what was said of it.

alter table contacts add column email_source text;   -- the provider's key
alter table contacts add column email_status text;   -- as a check, or the source itself, says: valid catch_all unknown ...
