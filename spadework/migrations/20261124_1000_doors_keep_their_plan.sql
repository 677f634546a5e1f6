-- A door looks one row up by a unique key, and planning that anew took longer than doing it (0.23 ms against 0.11 ms).
-- Connections plan every statement anew for the sake of tables that grow by millions of rows; these do not.
alter function find_session(bytea) set plan_cache_mode = auto;
alter function find_api_key(text) set plan_cache_mode = auto;
