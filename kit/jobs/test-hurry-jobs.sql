-- no parameters
update job set due_at = now() where dead_at is null and due_at > now()
