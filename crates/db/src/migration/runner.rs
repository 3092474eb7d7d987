//! Applies migrations and takes them back.

use std::{
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use atlas_core::{Component, Diagnostic};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, prelude::ChronoUtc};
use tokio::time::timeout;

use super::{
    Direction, Goal, Migration, MigrationPlan, MigrationRun, MigrationState, MigrationStatus,
    RunOptions, Schema,
    history::{History, Move, describe, names},
    lock::{Lock, answered},
    plan::planned,
    record::{self, Model, Records},
    schema::FailedStep,
};
use crate::{Db, Error, diagnostics};

/// How often to look after the lock beside a migration.
const LOOK_AFTER: Duration = Duration::from_secs(15);

/// The migrations of a service, in order of their names, and the database they are for.
#[derive(Clone)]
pub struct Migrations {
    pub(super) db: Db,
    pub(super) known: Arc<[Arc<dyn Migration>]>,
}

impl Component for Migrations {}

impl Migrations {
    /// Sorts the migrations by name.
    ///
    /// # Errors
    ///
    /// A208 when two have the same name.
    pub fn new(db: Db, mut known: Vec<Arc<dyn Migration>>) -> Result<Self, Diagnostic> {
        known.sort_by_key(|migration| migration.name());
        if let Some(pair) = known
            .windows(2)
            .find(|pair| pair[0].name() == pair[1].name())
        {
            let help = "give one of them another file name; the name is what orders and records a migration";
            return Err(diagnostics::migration_failed(
                &db,
                pair[0].name(),
                "is contributed twice",
                help,
            ));
        }
        Ok(Self {
            db,
            known: known.into(),
        })
    }

    /// The same migrations for another database.
    pub(crate) fn on(&self, db: Db) -> Self {
        Self {
            db,
            known: Arc::clone(&self.known),
        }
    }

    /// Every migration that the code or the database knows, by name.
    ///
    /// # Errors
    ///
    /// A206 when the database cannot be read, A208 when a migration cannot be written for its engine.
    pub async fn status(&self) -> Result<Vec<MigrationStatus>, Diagnostic> {
        let records = self.load(&self.db).await?;
        self.history(&records).status()
    }

    /// Succeeds when the schema is exactly what the code expects.
    ///
    /// # Errors
    ///
    /// A212 when a migration was left half-done, A204 when the database knows more, A211 when it knows something else,
    /// A203 when it knows less, A213 when another process migrates for too long, A206 when it cannot be read.
    pub async fn check(&self) -> Result<(), Diagnostic> {
        let mut records = self.load(&self.db).await?;
        if self.history(&records).is_dirty() {
            records = Box::pin(self.load_settled()).await?;
        }
        let history = self.history(&records);
        history.refuse(true, RunOptions::new())?;
        let status = history.status()?;
        let pending = names(&status, |it| it.state == MigrationState::Pending);
        if pending.is_empty() {
            Ok(())
        } else {
            Err(diagnostics::pending(&self.db, &pending))
        }
    }

    /// Applies what is pending, in order, as one group, and returns the names of what it applied.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub async fn up(&self) -> Result<Vec<String>, Diagnostic> {
        let runs = self.run(&Goal::Latest, RunOptions::new()).await?;
        Ok(runs.into_iter().map(|run| run.name).collect())
    }

    /// Takes the latest `steps` applied migrations back, the latest first, and returns the names of those it took back.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub async fn down(&self, steps: usize) -> Result<Vec<String>, Diagnostic> {
        let runs = self.run(&Goal::Back(steps), RunOptions::new()).await?;
        Ok(runs.into_iter().map(|run| run.name).collect())
    }

    /// Says what [`run`](Self::run) would do, without doing it.
    ///
    /// # Errors
    ///
    /// A208 when a migration cannot be written for the engine, or none is called so; A206 when the database cannot be
    /// read. What a run would refuse is planned all the same.
    pub async fn plan(&self, goal: &Goal) -> Result<MigrationPlan, Diagnostic> {
        let records = self.load(&self.db).await?;
        let history = self.history(&records);
        self.planned(&history, &history.moves(goal)?)
    }

    /// Leads the schema to a goal, and says what that took.
    ///
    /// Any number of processes may do so at once: one migrates, the others wait and find nothing left to do. A schema that
    /// is where it should be costs one query and no lock.
    ///
    /// # Errors
    ///
    /// A204 when the database knows more than the code, A211 when what was applied has changed or its order would be
    /// broken, A212 when a migration was left half-done, A213 when another process migrates for too long, A214 when a step
    /// destroys and the options refuse that, A208 when a migration fails (those before it stay) or is irreversible, A206
    /// when the database cannot be used.
    pub async fn run(
        &self,
        goal: &Goal,
        options: RunOptions,
    ) -> Result<Vec<MigrationRun>, Diagnostic> {
        let records = self.load(&self.db).await?;
        let history = self.history(&records);
        let moves = history.moves(goal)?;
        let goes_up = !matches!(
            goal,
            Goal::Back(_) | Goal::BackTo(_) | Goal::Rollback | Goal::Redo(_)
        );
        // a migration without a transaction that is on its way looks like one that was left half-done, until the lock is free
        if !history.is_dirty() {
            history.refuse(goes_up, options)?;
            if moves.is_empty() {
                return Ok(Vec::new());
            }
        }
        let wish = Wish {
            goal,
            goes_up,
            options,
            seen: moves.iter().map(Move::key).collect(),
        };
        let db = self.db.aside();
        // boxed, because whoever asks is as large as its largest moment, and this one is rare
        let outcome = Box::pin(self.locked(&db, wish)).await;
        db.close_aside(&self.db).await;
        outcome
    }

    /// What the database knows when nobody migrates it.
    async fn load_settled(&self) -> Result<Records, Diagnostic> {
        let db = self.db.aside();
        let records = match Lock::take(&db, self.patience()).await {
            Ok(lock) => {
                let records = self.load_aside(&db).await;
                lock.release().await;
                records
            }
            Err(error) => Err(error),
        };
        db.close_aside(&self.db).await;
        records
    }

    /// How long to wait for another process that migrates.
    pub(super) fn patience(&self) -> Duration {
        self.db.0.config.migration_lock_timeout.get()
    }

    async fn locked(&self, db: &Db, wish: Wish<'_>) -> Result<Vec<MigrationRun>, Diagnostic> {
        let mut lock = Lock::take(db, self.patience()).await?;
        let outcome = self.carry_out(db, &mut lock, wish).await;
        lock.release().await;
        outcome
    }

    async fn carry_out(
        &self,
        db: &Db,
        lock: &mut Lock,
        wish: Wish<'_>,
    ) -> Result<Vec<MigrationRun>, Diagnostic> {
        let Wish { goal, options, .. } = wish;
        // another process may have been here while this one waited, with the same wish
        let records = self.load_aside(db).await?;
        let history = self.history(&records);
        history.refuse(wish.goes_up, options)?;
        let mut moves = history.moves(goal)?;
        if !wish.goes_up {
            moves.retain(|step| wish.seen.contains(&step.key()));
        }
        if moves.is_empty() {
            return Ok(Vec::new());
        }
        let plan = self.planned(&history, &moves)?;
        if options.refuse_destructive && plan.destructive().next().is_some() {
            return Err(diagnostics::destructive(&self.db, &plan));
        }
        for migration in &plan.migrations {
            if let Some(reason) = &migration.irreversible {
                return Err(diagnostics::irreversible(&self.db, &migration.name, reason));
            }
        }
        record::prepare(db, &records, |name| self.checksum(name))
            .await
            .map_err(|error| diagnostics::unreachable(&self.db, error))?;
        for (name, warning) in plan.warnings() {
            tracing::warn!(target: "atlas::db", migration = name, lint = warning.lint.name(), "{}", warning.message);
        }
        let group = history.next_group();
        let mut done = Vec::new();
        for step in moves {
            self.hold(lock).await?;
            let work = async {
                match step.direction {
                    Direction::Up => self.apply(db, step.migration, group).await,
                    Direction::Down => self.revert(db, step.migration).await,
                }
            };
            done.push(self.beside(lock, work).await?);
        }
        Ok(done)
    }

    /// Fails when the lock is not held any more.
    async fn hold(&self, lock: &mut Lock) -> Result<(), Diagnostic> {
        match lock.is_held().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(diagnostics::lock_lost(&self.db)),
            Err(error) if error.is_transient() => {
                Err(diagnostics::lock_lost(&self.db).source(error))
            }
            Err(error) => Err(diagnostics::unreachable(&self.db, error)),
        }
    }

    /// Carries a migration out and looks after the lock meanwhile, which keeps its connection from resting for too long.
    ///
    /// When the lock is lost, what is on its way comes to its end: broken off, it could be left half-done.
    async fn beside<T>(
        &self,
        lock: &mut Lock,
        work: impl Future<Output = Result<T, Diagnostic>>,
    ) -> Result<T, Diagnostic> {
        let mut work = pin!(work);
        loop {
            if let Ok(done) = timeout(LOOK_AFTER, &mut work).await {
                return done;
            }
            let mut looking = pin!(self.hold(lock));
            let (held, done) = tokio::select! {
                held = &mut looking => (held, None),
                // a question that is dropped half-way would end the connection, and the lock with it
                done = &mut work => (looking.await, Some(done)),
            };
            if let Err(lost) = held {
                tracing::warn!(target: "atlas::db", error = %lost.message(), "the migration on its way comes to its end, and no other begins");
                match done {
                    Some(done) => done?,
                    None => work.await?,
                };
                return Err(lost);
            }
            if let Some(done) = done {
                return done;
            }
        }
    }

    /// Applies one migration.
    async fn apply(
        &self,
        db: &Db,
        migration: &dyn Migration,
        group: i32,
    ) -> Result<MigrationRun, Diagnostic> {
        let schema = describe(&self.db, migration, Direction::Up)?;
        let job = Job {
            name: migration.name(),
            up: Some((group, schema.checksum())),
            started: Instant::now(),
        };
        let (transactional, steps) = (schema.is_transactional(), schema.steps.len());
        match job.carry_out(db, schema).await {
            Ok(()) => {
                tracing::info!(target: "atlas::db", migration = job.name, took = ?job.started.elapsed(), "migration applied");
                Ok(job.ended(Direction::Up))
            }
            Err(Failed { error, .. }) if transactional => {
                let help = "it is not recorded; correct it and run `migrate up` again";
                Err(self.failed(job.name, &format!("failed: {error}"), help, error))
            }
            Err(Failed { step, error }) => {
                let problem = format!("failed{}: {error}", at_step(step, steps));
                Err(self.left_dirty(job.name, &problem, error))
            }
        }
    }

    /// Takes one migration back.
    async fn revert(&self, db: &Db, migration: &dyn Migration) -> Result<MigrationRun, Diagnostic> {
        let schema = describe(&self.db, migration, Direction::Down)?;
        let job = Job {
            name: migration.name(),
            up: None,
            started: Instant::now(),
        };
        let (transactional, steps) = (schema.is_transactional(), schema.steps.len());
        match job.carry_out(db, schema).await {
            Ok(()) => {
                tracing::info!(target: "atlas::db", migration = job.name, took = ?job.started.elapsed(), "migration taken back");
                Ok(job.ended(Direction::Down))
            }
            Err(Failed { error, .. }) if transactional => {
                let help = "it is still recorded as applied; correct its `down` and run `migrate down` again";
                Err(self.failed(
                    job.name,
                    &format!("was not taken back: {error}"),
                    help,
                    error,
                ))
            }
            Err(Failed { step, error }) => {
                let problem = format!("was not taken back{}: {error}", at_step(step, steps));
                Err(self.left_dirty(job.name, &problem, error))
            }
        }
    }

    fn failed(&self, name: &str, problem: &str, help: &str, error: Error) -> Diagnostic {
        diagnostics::migration_failed(&self.db, name, problem, help).source(error)
    }

    fn left_dirty(&self, name: &str, problem: &str, error: Error) -> Diagnostic {
        let help =
            "it ran without a transaction, so what was done of it stays, and it is marked as dirty";
        self.failed(name, problem, help, error)
            .help(diagnostics::repair(name))
    }

    fn planned(
        &self,
        history: &History<'_>,
        moves: &[Move<'_>],
    ) -> Result<MigrationPlan, Diagnostic> {
        let migrations = moves.iter().map(|step| {
            let schema = describe(&self.db, step.migration, step.direction)?;
            let mut planned = planned(step.migration.name(), step.direction, &schema);
            if step.direction == Direction::Up {
                planned.irreversible = None;
            }
            Ok(planned)
        });
        Ok(MigrationPlan {
            migrations: migrations.collect::<Result<_, Diagnostic>>()?,
            new_database: history.is_new(),
        })
    }

    /// What a migration consists of; nothing when the code does not know it, or it cannot be written for the engine.
    pub(super) fn checksum(&self, name: &str) -> Option<String> {
        let known = self.known.iter().find(|it| it.name() == name)?;
        let schema = describe(&self.db, &**known, Direction::Up).ok()?;
        Some(schema.checksum())
    }

    pub(super) async fn load(&self, db: &Db) -> Result<Records, Diagnostic> {
        // a replica may not have heard yet
        let records = self.db.on_primary(Box::pin(record::load(db))).await;
        records.map_err(|error| diagnostics::unreachable(&self.db, error))
    }

    /// Reads over a handle whose statements have no timeout.
    async fn load_aside(&self, db: &Db) -> Result<Records, Diagnostic> {
        if db.get_database_backend() == DbBackend::Sqlite {
            return self.load(db).await;
        }
        let config = &self.db.0.config;
        // for a connection, and for who has the table locked
        let patience =
            config.acquire_timeout.get() + config.connect_timeout.get() + config.lock_timeout.get();
        let records = answered(patience, Box::pin(record::load(db))).await;
        records.map_err(|error| diagnostics::unreachable(&self.db, error))
    }

    pub(super) fn history<'a>(&'a self, records: &'a Records) -> History<'a> {
        History::new(&self.db, &self.known, records)
    }
}

/// What somebody wants, and what it would have taken before waiting for the lock.
struct Wish<'a> {
    goal: &'a Goal,
    goes_up: bool,
    options: RunOptions,
    seen: Vec<(&'static str, Direction)>,
}

/// A migration on its way.
struct Job<'a> {
    name: &'a str,
    /// Group and checksum to record when it is applied; nothing when it is taken back.
    up: Option<(i32, String)>,
    started: Instant,
}

/// Why a migration did not come to its end, and at which step if it was one of them.
struct Failed {
    step: Option<usize>,
    error: Error,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { step: None, error }
    }
}

impl Job<'_> {
    async fn carry_out(&self, db: &Db, schema: Schema) -> Result<(), Failed> {
        // the pragma does nothing inside of a transaction
        let rest = schema.without_foreign_keys && db.get_database_backend() == DbBackend::Sqlite;
        if rest {
            switch_foreign_keys(db, "OFF").await?;
        }
        let work = async {
            if schema.is_transactional() {
                db.transaction(|| self.whole(db, schema, rest)).await
            } else {
                self.stepwise(db, schema, rest).await
            }
        };
        let outcome = db.without_statement_timeout(work).await;
        if rest {
            let restored = switch_foreign_keys(db, "ON").await;
            outcome?;
            restored?;
            return Ok(());
        }
        outcome
    }

    /// All of it or nothing.
    async fn whole(&self, db: &Db, schema: Schema, check: bool) -> Result<(), Failed> {
        apply(schema, db).await?;
        if check {
            check_references(db).await?;
        }
        match &self.up {
            Some(_) => record::add(db, self.record(record::APPLIED)).await?,
            None => record::remove(db, self.name).await?,
        }
        Ok(())
    }

    /// Step by step; until it is done, it is marked as dirty.
    async fn stepwise(&self, db: &Db, schema: Schema, check: bool) -> Result<(), Failed> {
        match &self.up {
            Some(_) => record::add(db, self.record(record::DIRTY)).await?,
            None => record::set_state(db, self.name, record::DIRTY).await?,
        }
        apply(schema, db).await?;
        if check {
            check_references(db).await?;
        }
        match &self.up {
            Some(_) => record::set_done(db, self.name, self.millis()).await?,
            None => record::remove(db, self.name).await?,
        }
        Ok(())
    }

    fn record(&self, state: &str) -> Model {
        let (batch, checksum) = self.up.clone().unwrap_or_default();
        Model {
            name: self.name.to_owned(),
            applied_at: ChronoUtc::now(),
            duration_ms: self.millis(),
            checksum: Some(checksum),
            batch,
            state: state.to_owned(),
        }
    }

    fn millis(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    fn ended(&self, direction: Direction) -> MigrationRun {
        MigrationRun {
            name: self.name.to_owned(),
            direction,
            duration_ms: self.millis(),
        }
    }
}

async fn apply(schema: Schema, db: &Db) -> Result<(), Failed> {
    let applied = schema.apply(db).await;
    applied.map_err(|FailedStep { step, error }| Failed {
        step: Some(step),
        error,
    })
}

fn at_step(step: Option<usize>, of: usize) -> String {
    step.map_or_else(String::new, |step| format!(" at step {step} of {of}"))
}

async fn switch_foreign_keys(db: &Db, to: &str) -> Result<(), Error> {
    db.execute_unprepared(&format!("PRAGMA foreign_keys = {to}"))
        .await?;
    Ok(())
}

/// Fails when a row of SQLite refers to one that is not there.
async fn check_references(db: &Db) -> Result<(), Error> {
    let ask = Statement::from_string(DbBackend::Sqlite, "PRAGMA foreign_key_check");
    let Some(row) = db.query_one_raw(ask).await? else {
        return Ok(());
    };
    let text = |index| row.try_get_by_index::<String>(index).unwrap_or_default();
    let (table, parent) = (text(0), text(2));
    Err(DbErr::Custom(format!(
        "a row of `{table}` refers to one of `{parent}` that is not there"
    ))
    .into())
}
