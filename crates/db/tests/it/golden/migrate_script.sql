CREATE TABLE IF NOT EXISTS "atlas_migrations" ( "name" varchar(255) NOT NULL PRIMARY KEY, "applied_at" timestamp_with_timezone_text NOT NULL, "duration_ms" integer NOT NULL, "checksum" varchar(64), "batch" integer NOT NULL DEFAULT 0, "state" varchar(16) NOT NULL DEFAULT 'applied' );

-- m1_create_teas
BEGIN IMMEDIATE;
CREATE TABLE "teas" ( "id" integer NOT NULL PRIMARY KEY );
INSERT INTO atlas_migrations (name, applied_at, duration_ms, checksum, batch, state) SELECT 'm1_create_teas', CURRENT_TIMESTAMP, 0, '1-101893ee85e5aae9fc1b68b074d7ba97', COALESCE(MAX(batch), 0) + 1, 'applied' FROM atlas_migrations;
COMMIT;

-- m2_add_price
BEGIN IMMEDIATE;
ALTER TABLE "teas" ADD COLUMN "price" integer NOT NULL DEFAULT 1;
INSERT INTO atlas_migrations (name, applied_at, duration_ms, checksum, batch, state) SELECT 'm2_add_price', CURRENT_TIMESTAMP, 0, '1-76bc6bd6535cac1627585370b89ce034', COALESCE(MAX(batch), 0) + 1, 'applied' FROM atlas_migrations;
COMMIT;

-- m6_add_rows
BEGIN IMMEDIATE;
INSERT INTO "teas" ("id") VALUES (7);
-- code of the migration runs here: a script cannot do that
INSERT INTO atlas_migrations (name, applied_at, duration_ms, checksum, batch, state) SELECT 'm6_add_rows', CURRENT_TIMESTAMP, 0, '1-9222ece1d2d44f0f8acecb5d44fd088b', COALESCE(MAX(batch), 0) + 1, 'applied' FROM atlas_migrations;
COMMIT;

