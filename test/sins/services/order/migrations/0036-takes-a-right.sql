revoke update on orders from current_user
-- sin: no-rights
