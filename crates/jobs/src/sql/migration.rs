//! The tables.

use std::sync::Arc;

use atlas_db::{Migration, Schema, migration, sea_orm::DbBackend};

/// The migration that makes the tables of jobs. It stands alone: it may come before or after any of the service's own.
#[must_use]
pub fn tables() -> Arc<dyn Migration> {
    migration(CreateJobs)
}

struct CreateJobs;

impl Migration for CreateJobs {
    fn name(&self) -> &'static str {
        "atlas_m000001_create_jobs"
    }

    fn up(&self, schema: &mut Schema) {
        let types = match schema.backend() {
            DbBackend::Postgres => POSTGRES,
            DbBackend::MySql => MYSQL,
            _ => SQLITE,
        };
        schema.sql(types.write(TABLES));
        schema.sql(types.write(if schema.backend() == DbBackend::MySql {
            FULL_INDEXES
        } else {
            PARTIAL_INDEXES
        }));
        if schema.backend() == DbBackend::Postgres {
            schema.sql(FUNCTIONS);
        }
    }

    fn down(&self, schema: &mut Schema) {
        if schema.backend() == DbBackend::Postgres {
            schema.sql(NO_FUNCTIONS);
        }
        for table in NAMES {
            schema.drop_table(table);
        }
    }

    fn standalone(&self) -> bool {
        true
    }
}

/// The tables, those first that go first.
pub(crate) const NAMES: [&str; 7] = [
    "atlas_job_outbox",
    "atlas_job_audit",
    "atlas_job_schedules",
    "atlas_job_limits",
    "atlas_job_queues",
    "atlas_job_failures",
    "atlas_jobs",
];

/// What engines call the types of columns.
struct Types {
    /// A UUID.
    id: &'static str,
    /// A text of few letters that is compared byte by byte.
    name: &'static str,
    /// A text of up to 255 bytes that is compared byte by byte.
    key: &'static str,
    text: &'static str,
    bytes: &'static str,
    /// A number that counts rows, as the primary key.
    serial: &'static str,
    /// What follows the table of jobs.
    jobs: &'static str,
    /// What follows every other table.
    table: &'static str,
}

const SQLITE: Types = Types {
    id: "BLOB",
    name: "TEXT",
    key: "TEXT",
    text: "TEXT",
    bytes: "BLOB",
    serial: "INTEGER PRIMARY KEY AUTOINCREMENT",
    jobs: "",
    table: "",
};

const POSTGRES: Types = Types {
    id: "uuid",
    name: "text COLLATE \"C\"",
    key: "text COLLATE \"C\"",
    text: "text",
    bytes: "bytea",
    serial: "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    // rows change three times in their life, and those that changed are all there is to look at: they are swept early
    jobs: " WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 2000, \
           autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02, \
           autovacuum_analyze_threshold = 2000, autovacuum_vacuum_cost_delay = 0)",
    table: "",
};

const MYSQL: Types = Types {
    id: "BINARY(16)",
    name: "VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin",
    // of bytes, because texts are padded with blanks when they are compared
    key: "VARBINARY(255)",
    text: "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    bytes: "LONGBLOB",
    serial: "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY",
    jobs: " ENGINE = InnoDB",
    table: " ENGINE = InnoDB",
};

impl Types {
    fn write(&self, text: &str) -> String {
        text.replace("{id}", self.id)
            .replace("{name}", self.name)
            .replace("{key}", self.key)
            .replace("{text}", self.text)
            .replace("{bytes}", self.bytes)
            .replace("{serial}", self.serial)
            .replace("{jobs}", self.jobs)
            .replace("{table}", self.table)
    }
}

/// Times are milliseconds since 1970 by the database's clock.
///
/// `turn`, `due_at`, `lease_until`, `finished_at` and `gate` are set only while they mean something, so that an index over
/// each holds only the rows that a query is after.
const TABLES: &str = "
CREATE TABLE atlas_jobs (
    id {id} NOT NULL PRIMARY KEY,
    kind {name} NOT NULL,
    queue {name} NOT NULL,
    state SMALLINT NOT NULL,
    priority SMALLINT NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    max_attempts INTEGER NOT NULL,
    crashes INTEGER NOT NULL DEFAULT 0,
    snoozes INTEGER NOT NULL DEFAULT 0,
    cancel_requested SMALLINT NOT NULL DEFAULT 0,
    unique_until SMALLINT,
    fence BIGINT NOT NULL DEFAULT 0,
    handicap BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    run_at BIGINT NOT NULL,
    turn BIGINT,
    due_at BIGINT,
    started_at BIGINT,
    lease_until BIGINT,
    finished_at BIGINT,
    timeout_ms BIGINT,
    expires_at BIGINT,
    max_age_ms BIGINT,
    key_until BIGINT,
    limit_max INTEGER,
    limit_key {key},
    gate {key},
    unique_key {key},
    unique_name {key},
    worker {text},
    reason {name},
    trace {text},
    actor {text},
    schedule {key},
    progress {text},
    payload {bytes} NOT NULL
){jobs};
CREATE TABLE atlas_job_failures (
    seq {serial},
    job {id} NOT NULL,
    attempt INTEGER NOT NULL,
    at BIGINT NOT NULL,
    kind {name} NOT NULL,
    message {text} NOT NULL,
    backtrace {text},
    worker {text}
){table};
CREATE INDEX atlas_job_failures_job ON atlas_job_failures (job, seq);
CREATE TABLE atlas_job_queues (
    name {name} NOT NULL PRIMARY KEY,
    paused_at BIGINT NOT NULL
){table};
CREATE TABLE atlas_job_limits (
    name {key} NOT NULL PRIMARY KEY
){table};
CREATE TABLE atlas_job_schedules (
    name {name} NOT NULL PRIMARY KEY,
    cron {text} NOT NULL,
    zone {text} NOT NULL,
    kind {name} NOT NULL,
    payload {text} NOT NULL,
    queue {name},
    options {text} NOT NULL,
    jitter_ms BIGINT NOT NULL,
    misfire {name} NOT NULL,
    paused SMALLINT NOT NULL,
    from_code SMALLINT NOT NULL,
    declared_at BIGINT,
    last_tick BIGINT,
    next_tick BIGINT
){table};
CREATE TABLE atlas_job_audit (
    seq {serial},
    at BIGINT NOT NULL,
    actor {text} NOT NULL,
    action {name} NOT NULL,
    subject {key} NOT NULL,
    detail {text}
){table};
CREATE INDEX atlas_job_audit_subject ON atlas_job_audit (subject, seq);
CREATE TABLE atlas_job_outbox (
    seq {serial},
    id {id} NOT NULL,
    written_at BIGINT NOT NULL,
    leased_until BIGINT NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    last_error {text},
    job {bytes} NOT NULL
){table};
CREATE INDEX atlas_job_outbox_id ON atlas_job_outbox (id);
";

const PARTIAL_INDEXES: &str = "
CREATE INDEX atlas_jobs_ready ON atlas_jobs (queue, turn, id) WHERE turn IS NOT NULL;
CREATE INDEX atlas_jobs_due ON atlas_jobs (queue, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX atlas_jobs_lease ON atlas_jobs (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX atlas_jobs_gate ON atlas_jobs (state, queue, gate) WHERE gate IS NOT NULL;
CREATE INDEX atlas_jobs_finished ON atlas_jobs (state, finished_at) WHERE finished_at IS NOT NULL;
CREATE UNIQUE INDEX atlas_jobs_unique ON atlas_jobs (unique_key) WHERE unique_key IS NOT NULL;
";

/// What looks for jobs on PostgreSQL, in the order of an index and in no other way. Its planner goes by statistics, and these
/// know nothing of a backlog that has only just come: it would read and sort all of that for a few jobs, again and again.
const FUNCTIONS: &str = "
CREATE FUNCTION atlas_jobs_look(
    wanted text, known text[], OUT ready bigint, OUT limited bigint, OUT paused bigint, OUT due bigint
) LANGUAGE plpgsql STABLE
SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off
AS $$
BEGIN
    ready := coalesce((
        SELECT 1 FROM atlas_jobs WHERE queue = wanted AND turn IS NOT NULL AND kind = ANY (known) ORDER BY turn, id LIMIT 1
    ), 0);
    limited := coalesce((
        SELECT 1 FROM atlas_jobs WHERE state = 1 AND queue = wanted AND gate IS NOT NULL ORDER BY state, queue, gate LIMIT 1
    ), 0);
    paused := coalesce((SELECT 1 FROM atlas_job_queues WHERE name = wanted), 0);
    due := (SELECT due_at FROM atlas_jobs WHERE queue = wanted AND due_at IS NOT NULL ORDER BY due_at LIMIT 1);
END
$$;
CREATE FUNCTION atlas_jobs_next(wanted text, known text[], most bigint) RETURNS SETOF uuid LANGUAGE plpgsql
SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off
AS $$
BEGIN
    RETURN QUERY SELECT id FROM atlas_jobs
        WHERE queue = wanted AND turn IS NOT NULL AND limit_key IS NULL AND kind = ANY (known)
        ORDER BY turn, id LIMIT most FOR UPDATE SKIP LOCKED;
END
$$;
";

const NO_FUNCTIONS: &str = "
DROP FUNCTION IF EXISTS atlas_jobs_look(text, text[]);
DROP FUNCTION IF EXISTS atlas_jobs_next(text, text[], bigint);
";

const FULL_INDEXES: &str = "
CREATE INDEX atlas_jobs_ready ON atlas_jobs (queue, turn, id);
CREATE INDEX atlas_jobs_due ON atlas_jobs (queue, due_at);
CREATE INDEX atlas_jobs_lease ON atlas_jobs (lease_until);
CREATE INDEX atlas_jobs_gate ON atlas_jobs (state, queue, gate);
CREATE INDEX atlas_jobs_finished ON atlas_jobs (state, finished_at);
CREATE UNIQUE INDEX atlas_jobs_unique ON atlas_jobs (unique_key);
";
