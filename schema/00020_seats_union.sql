-- Who sits in a union's bodies is read from the index alone, and who chairs it
-- is found at once: every list of unions asks for both.

-- +goose Up
DROP INDEX seats_union;
CREATE INDEX seats_union ON seats (tenant_id, union_id, to_day, office, how_ended, body_id, fulltime);
