//! Adding jobs.

use std::{collections::BTreeSet, time::Duration};

use atlas_db::sea_orm::Value;
use tokio::time::sleep;

use super::{
    base::{Base, Dialect, ENDLESS, LONGEST_LIST, damaged, list, millis, padded, places, storable},
    row::{self, number},
};
use crate::{
    Error, JobId, OnConflict, Result, State, Time, Until,
    clock::{LATEST, kept},
    store::{Enqueued, NewJob, Run, UniqueKey},
};

/// The most rows of one statement, and the most bytes of their payloads. So many small jobs fit into one TLS record: the
/// driver leaves Nagle's algorithm on, and a second record waits for the acknowledgement of the first, which the other side
/// puts off for 40 ms. MySQL takes 16 MiB in a packet where it is set to less than its default.
const CHUNK: (usize, usize) = (64, 4 << 20);
/// How often a key that comes and goes is asked for.
const PATIENCE: usize = 64;

/// How many values a row has, and how many of them are columns as they are; of the others come times.
const ROW: usize = 27;
const PLAIN: usize = 19;
/// The longest key, in bytes.
const LONGEST_KEY: usize = 255;

/// What becomes of the key of a unique job, in the tables.
const STARTED: i64 = 0;
const FINISHED: i64 = 1;
const WINDOW: i64 = 2;

/// A job with its times: the first is that of the tables if it is `None`.
struct Timed<'a> {
    job: &'a NewJob,
    state: State,
    /// It runs at this time.
    at: Option<i64>,
    /// It runs so much later than now.
    delay: i64,
}

/// A job that has the name of another one, or holds its key.
struct Held {
    id: JobId,
    key: Option<String>,
    /// Its window is over.
    is_over: bool,
}

/// Somebody else took a name or a key between a look and the step after it.
#[derive(Debug, thiserror::Error)]
#[error("somebody else was faster")]
struct LostRace;

/// Which rows a statement has added.
enum Added {
    All,
    These(Vec<JobId>),
    /// None: on MySQL because one of them was there, elsewhere because all of them were.
    None,
}

impl Base {
    /// Adds jobs, all or none, in the caller's transaction if there is one.
    pub(super) async fn enqueue(&self, jobs: &[NewJob]) -> Result<Vec<Enqueued>> {
        if jobs.is_empty() {
            return Ok(Vec::new());
        }
        check(jobs)?;
        let unique = jobs.iter().any(|job| job.unique.is_some());
        let simple = jobs.len() == 1 || !unique && jobs.len() <= CHUNK.0 && weight(jobs) <= CHUNK.1;
        let mut done = None;
        if simple && !self.db.in_transaction() {
            done = self.alone(self.insert(jobs)).await?;
        }
        let done = match done {
            Some(done) => done,
            None => self.enqueue_all(jobs).await?,
        };
        let changed = jobs.iter().zip(&done);
        let changed = changed.filter(|(_, done)| !matches!(done, Enqueued::Existing(_)));
        let queues: BTreeSet<String> = changed.map(|(job, _)| job.queue.clone()).collect();
        self.ring(queues).await;
        Ok(done)
    }

    /// Adds jobs by one statement, of which each stands for itself; `None` if something is in the way that has to be looked
    /// at, and then none was added.
    async fn insert(&self, jobs: &[NewJob]) -> Result<Option<Vec<Enqueued>>> {
        let timed = self.timed(jobs).await?;
        let added = match self.add(&timed).await? {
            Added::All => return Ok(Some(timed.iter().map(Timed::new_one).collect())),
            Added::None => return Ok(None),
            Added::These(added) => added,
        };
        // without keys, only those are passed over whose names are there already
        let mut added: BTreeSet<JobId> = added.into_iter().collect();
        let told = timed.iter().map(|one| match added.remove(&one.job.id) {
            true => one.new_one(),
            false => Enqueued::Existing(one.job.id),
        });
        Ok(Some(told.collect()))
    }

    /// Adds jobs in a transaction, and finds out about those that are there.
    async fn enqueue_all(&self, jobs: &[NewJob]) -> Result<Vec<Enqueued>> {
        let inside = self.db.in_transaction();
        for _ in 0..PATIENCE {
            match self.joined(|| self.enqueue_slowly(jobs, inside)).await {
                // the locks that the lost race has left are gone with the transaction
                Err(Error::Unavailable(lost)) if lost.is::<LostRace>() => {
                    sleep(Duration::from_millis(fastrand::u64(1..10))).await;
                }
                done => return done,
            }
        }
        Err(busy())
    }

    /// Adds jobs inside of a transaction, which is the caller's or not.
    async fn enqueue_slowly(&self, jobs: &[NewJob], inside: bool) -> Result<Vec<Enqueued>> {
        let timed = self.timed(jobs).await?;
        // those who want the same keys ask for them in the same order, and so never wait for each other in a circle
        let mut order: Vec<usize> = (0..timed.len()).collect();
        order.sort_by_key(|at| {
            (
                timed[*at].job.unique.as_ref().map(|it| &it.key),
                timed[*at].job.id,
            )
        });
        let mut done = vec![None; timed.len()];
        let mut start = 0;
        while start < order.len() {
            let end = chunk_end(&timed, &order, start);
            let chunk = &order[start..end];
            start = end;
            let rows: Vec<&Timed<'_>> = chunk.iter().map(|at| &timed[*at]).collect();
            let added = self.add_where_new(&rows, inside).await?;
            let there = match added.len() {
                all if all == rows.len() => Vec::new(),
                _ => self.there(&rows, false).await?,
            };
            for at in chunk {
                let one = &timed[*at];
                // a name that stands twice in one call is the same job
                let is_first = chunk.iter().find(|it| timed[**it].job.id == one.job.id) == Some(at);
                done[*at] = Some(if added.contains(&one.job.id) && is_first {
                    one.new_one()
                } else if let Some(holder) = one.skipped_for(&there) {
                    Enqueued::Existing(holder)
                } else {
                    self.settle(one, inside).await?
                });
            }
        }
        Ok(done.into_iter().flatten().collect())
    }

    /// Adds what is not there, and says what that was.
    async fn add_where_new(&self, rows: &[&Timed<'_>], inside: bool) -> Result<Vec<JobId>> {
        let names = |rows: &[&Timed<'_>]| rows.iter().map(|one| one.job.id).collect();
        let mut left: Vec<&Timed<'_>> = rows.to_vec();
        let looks_first =
            self.dialect == Dialect::MySql && rows.iter().any(|one| one.key().is_some());
        for attempt in 0..PATIENCE {
            // MySQL cannot say which rows were there, and what fails there keeps locks: keys are looked for first
            if attempt > 0 || looks_first {
                let there = self.there(&left, attempt > 0 && inside).await?;
                left.retain(|one| {
                    !there.iter().any(|held| {
                        let same_key = one.key().is_some() && held.key.as_deref() == one.key();
                        held.id == one.job.id || same_key
                    })
                });
                // of two that want the same, the second has to wait for what became of the first
                let (mut names, mut keys) = (BTreeSet::new(), BTreeSet::new());
                left.retain(|one| {
                    names.insert(one.job.id)
                        && one.key().is_none_or(|key| keys.insert(key.to_owned()))
                });
            }
            if left.is_empty() {
                return Ok(Vec::new());
            }
            match self.add(&left).await? {
                Added::All => return Ok(names(&left)),
                Added::These(added) => return Ok(added),
                Added::None if self.dialect != Dialect::MySql => return Ok(Vec::new()),
                Added::None if !inside && (attempt > 0 || looks_first) => {
                    return Err(Error::Unavailable(Box::new(LostRace)));
                }
                Added::None => {}
            }
        }
        Err(busy())
    }

    /// The jobs that have one of the names, or hold one of the keys. With a lock, what others committed since the caller's
    /// transaction began is seen too.
    async fn there(&self, rows: &[&Timed<'_>], lock: bool) -> Result<Vec<Held>> {
        let ids: Vec<JobId> = rows.iter().map(|one| one.job.id).collect();
        let keys: Vec<&str> = rows.iter().filter_map(|one| one.key()).collect();
        let lists = (
            places(ids.len()),
            if keys.is_empty() {
                0
            } else {
                places(keys.len())
            },
        );
        let (shape, lock) = if lock {
            ("there, locked", " LOCK IN SHARE MODE")
        } else {
            ("there", "")
        };
        let text = self.text((shape, lists.0, lists.1), || {
            let key = self.dialect.column("unique_key");
            let select = |column, places| {
                let list = list("?", places);
                format!(
                    "SELECT id, {key}, CASE WHEN key_until <= {{now}} THEN 1 ELSE 0 END FROM atlas_jobs \
                     WHERE {column} IN ({list}){lock}"
                )
            };
            match lists.1 {
                0 => select("id", lists.0),
                places => {
                    let (ids, keys) = (select("id", lists.0), select("unique_key", places));
                    match lock {
                        "" => format!("{ids} UNION ALL {keys}"),
                        _ => format!("({ids}) UNION ALL ({keys})"),
                    }
                }
            }
        });
        let mut values: Vec<Value> = padded(&ids).map(|id| id.uuid().into()).collect();
        values.extend(padded(&keys).map(|key| Value::from(*key)));
        let rows = self.rows(&text, values).await?;
        rows.iter()
            .map(|found| {
                Ok(Held {
                    id: row::id(found)?,
                    key: row::at(found, 1)?,
                    is_over: row::is_set(found, 2)?,
                })
            })
            .collect()
    }

    /// Works out when jobs run.
    async fn timed<'a>(&self, jobs: &'a [NewJob]) -> Result<Vec<Timed<'a>>> {
        let asks = jobs.iter().any(|job| matches!(job.run, Run::At(_)));
        let now = if asks { Some(self.now().await?) } else { None };
        Ok(jobs.iter().map(|job| Timed::of(job, now)).collect())
    }

    /// The time of the database's clock.
    pub(super) async fn now(&self) -> Result<Time> {
        let text = self.fixed("SELECT {now}");
        let found = self.row(&text, Vec::new()).await?;
        let found = found.ok_or_else(|| damaged("the database has no time".into()))?;
        row::time(row::at(&found, 0)?)
    }

    /// Adds rows, and says which.
    async fn add<'a, T: AsRef<Timed<'a>>>(&self, rows: &[T]) -> Result<Added> {
        let text = self.text(("add", rows.len(), 0), || self.dialect.insert(rows.len()));
        let mut values = Vec::with_capacity(rows.len() * ROW);
        for one in rows {
            one.as_ref().values(&mut values);
        }
        if self.dialect == Dialect::MySql {
            return match self.run(&text, values).await {
                Ok(_) => Ok(Added::All),
                Err(Error::Refused(error)) if is_duplicate(&*error) => Ok(Added::None),
                Err(error) => Err(error),
            };
        }
        let added = self.rows(&text, values).await?;
        Ok(match added.len() {
            0 => Added::None,
            all if all == rows.len() => Added::All,
            _ => Added::These(added.iter().map(row::id).collect::<Result<_>>()?),
        })
    }

    /// Finds out what is in the way of a job, and does what it says about that.
    async fn settle(&self, one: &Timed<'_>, inside: bool) -> Result<Enqueued> {
        for _ in 0..PATIENCE {
            let text = self.fixed("SELECT id FROM atlas_jobs WHERE id = ?");
            if let Some(found) = self.row(&text, vec![one.job.id.uuid().into()]).await? {
                return Ok(Enqueued::Existing(row::id(&found)?));
            }
            let Some(unique) = &one.job.unique else {
                return Err(busy());
            };
            if let Some(done) = self.meet(one, unique).await? {
                return Ok(done);
            }
            let added = self.add_where_new(&[one], inside).await?;
            if added.contains(&one.job.id) {
                return Ok(one.new_one());
            }
        }
        Err(busy())
    }

    /// Deals with the job that holds a key; `None` if the key is free by now.
    async fn meet(&self, one: &Timed<'_>, unique: &UniqueKey) -> Result<Option<Enqueued>> {
        let lock = self.for_update();
        let text = self.text(("holder", 0, 0), || {
            format!(
                "SELECT id, state, CASE WHEN key_until <= {{now}} THEN 1 ELSE 0 END FROM atlas_jobs \
                 WHERE unique_key = ?{lock}"
            )
        });
        let Some(found) = self.row(&text, vec![unique.key.as_str().into()]).await? else {
            return Ok(None);
        };
        let (holder, state) = (row::id(&found)?, row::state(row::at(&found, 1)?)?);
        if row::is_set(&found, 2)? {
            let text = self.fixed("UPDATE atlas_jobs SET unique_key = NULL WHERE id = ?");
            self.run(&text, vec![holder.uuid().into()]).await?;
            return Ok(None);
        }
        let waits = matches!(state, State::Scheduled | State::Available);
        match unique.on_conflict {
            _ if !waits => Ok(Some(Enqueued::Existing(holder))),
            OnConflict::Skip => Ok(Some(Enqueued::Existing(holder))),
            OnConflict::Replace => {
                self.replace(holder, one).await?;
                Ok(Some(Enqueued::Changed(holder)))
            }
            OnConflict::Extend => {
                self.put_off(holder, one).await?;
                Ok(Some(Enqueued::Changed(holder)))
            }
        }
    }

    async fn replace(&self, holder: JobId, one: &Timed<'_>) -> Result<()> {
        let text = self.fixed(
            "UPDATE atlas_jobs SET kind = ?, payload = ?, priority = ?, handicap = ? WHERE id = ?",
        );
        let values = vec![
            one.job.kind.as_str().into(),
            one.job.payload.clone().into(),
            i64::from(one.job.priority.level()).into(),
            one.handicap().into(),
            holder.uuid().into(),
        ];
        self.run(&text, values).await?;
        self.put_off(holder, one).await
    }

    async fn put_off(&self, holder: JobId, one: &Timed<'_>) -> Result<()> {
        // a second statement reads what the first has written, where an engine assigns from left to right and where not
        let text =
            self.fixed("UPDATE atlas_jobs SET state = ?, run_at = ? * {now} + ? WHERE id = ?");
        let (factor, offset) = one.run_at();
        let values = vec![
            number(one.state).into(),
            factor.into(),
            offset.into(),
            holder.uuid().into(),
        ];
        self.run(&text, values).await?;
        self.place(holder).await
    }

    /// Puts a job where its state and its time say.
    pub(super) async fn place(&self, id: JobId) -> Result<()> {
        let text = self.fixed(
            "UPDATE atlas_jobs SET turn = CASE WHEN state = 1 THEN run_at + handicap END, \
             due_at = CASE WHEN state = 0 THEN run_at END, \
             gate = CASE WHEN state = 1 THEN limit_key END WHERE id = ?",
        );
        self.run(&text, vec![id.uuid().into()]).await?;
        Ok(())
    }
}

impl Dialect {
    /// What adds so many rows.
    fn insert(self, rows: usize) -> String {
        const COLUMNS: &str = "id, kind, queue, state, priority, handicap, payload, max_attempts, timeout_ms, \
             unique_key, unique_name, unique_until, limit_key, limit_max, gate, trace, actor, schedule, max_age_ms, \
             run_at, due_at, turn, created_at, expires_at, key_until";
        if self == Self::MySql {
            // plain parameters, then the times: factor and offset of each
            let row = format!(
                "({}, ? * {{now}} + ?, ? * {{now}} + ?, {{now}} + ?, {{now}}, ? * {{now}} + ?, {{now}} + ?)",
                list("?", PLAIN)
            );
            return format!(
                "INSERT INTO atlas_jobs ({COLUMNS}) VALUES {}",
                list(&row, rows)
            );
        }
        let row = format!("({})", list("?", ROW));
        let plain: Vec<String> = (1..=PLAIN).map(|at| format!("column{at}")).collect();
        format!(
            "INSERT INTO atlas_jobs ({COLUMNS}) SELECT {}, column20 * t + column21, column22 * t + column23, \
             t + column24, t, column25 * t + column26, t + column27 \
             FROM (VALUES {}) AS v, (SELECT {{now}} AS t) AS clock WHERE true \
             ON CONFLICT DO NOTHING RETURNING id",
            plain.join(", "),
            list(&row, rows),
        )
    }
}

impl<'a> Timed<'a> {
    fn of(job: &'a NewJob, now: Option<Time>) -> Self {
        let (at, delay) = match (job.run, now) {
            (Run::At(at), Some(now)) if at > now => (Some(kept(at).timestamp_millis()), 0),
            (Run::In(delay), _) if delay >= ENDLESS => (Some(LATEST.timestamp_millis()), 0),
            (Run::In(delay), _) if delay > Duration::ZERO => (None, millis(delay).max(1)),
            _ => (None, 0),
        };
        let waits = at.is_some() || delay > 0;
        Self {
            job,
            state: if waits {
                State::Scheduled
            } else {
                State::Available
            },
            at,
            delay,
        }
    }

    fn key(&self) -> Option<&str> {
        Some(self.job.unique.as_ref()?.key.as_str())
    }

    /// The job that it is left out for, if that is all there is to say.
    fn skipped_for(&self, there: &[Held]) -> Option<JobId> {
        if there.iter().any(|held| held.id == self.job.id) {
            return Some(self.job.id);
        }
        let unique = self.job.unique.as_ref()?;
        let mut held = there
            .iter()
            .filter(|held| held.key.as_ref() == Some(&unique.key));
        let holder = held.find(|held| !held.is_over)?;
        (unique.on_conflict == OnConflict::Skip).then_some(holder.id)
    }

    fn new_one(&self) -> Enqueued {
        Enqueued::New(self.job.id, self.state)
    }

    fn handicap(&self) -> i64 {
        i64::from(self.job.priority.level()) * millis(self.job.ageing)
    }

    /// When it may run: so many times now, and so much more.
    fn run_at(&self) -> (i64, i64) {
        match self.at {
            Some(at) => (0, at),
            None => (1, self.delay),
        }
    }

    /// What stands in its row.
    fn values(&self, values: &mut Vec<Value>) {
        let job = self.job;
        let available = self.state == State::Available;
        let text = |text: &Option<String>| Value::from(text.as_deref().map(storable));
        let key = job.unique.as_ref().map(|it| it.key.clone());
        let (until, window) = match job.unique.as_ref().map(|it| it.until) {
            None => (None, None),
            Some(Until::Started) => (Some(STARTED), None),
            Some(Until::Finished) => (Some(FINISHED), None),
            Some(Until::Window(window)) => (Some(WINDOW), Some(millis(window))),
        };
        let limit = job.limit.as_ref().map(|it| it.name().to_owned());
        let (factor, offset) = self.run_at();
        let is_endless = job.max_age.is_some_and(|age| age >= ENDLESS);
        values.extend([
            job.id.uuid().into(),
            job.kind.as_str().into(),
            job.queue.as_str().into(),
            number(self.state).into(),
            i64::from(job.priority.level()).into(),
            self.handicap().into(),
            job.payload.clone().into(),
            i64::from(job.max_attempts.min(i32::MAX as u32)).into(),
            job.timeout.map(millis).into(),
            key.clone().into(),
            key.into(),
            until.into(),
            limit.clone().into(),
            job.limit
                .as_ref()
                .map(|it| i64::from(it.max().min(i32::MAX as u32)))
                .into(),
            limit.filter(|_| available).into(),
            text(&job.trace),
            text(&job.actor),
            text(&job.schedule),
            job.max_age.map(millis).into(),
            factor.into(),
            offset.into(),
            factor.into(),
            Some(offset).filter(|_| !available).into(),
            Some(self.handicap()).filter(|_| available).into(),
            i64::from(!is_endless).into(),
            if is_endless {
                LATEST.timestamp_millis().into()
            } else {
                job.max_age.map(millis).into()
            },
            window.into(),
        ]);
    }
}

impl<'a> AsRef<Timed<'a>> for Timed<'a> {
    fn as_ref(&self) -> &Timed<'a> {
        self
    }
}

fn check(jobs: &[NewJob]) -> Result<()> {
    let keys = jobs.iter().filter_map(|job| job.unique.as_ref());
    let Some(long) = keys.map(|it| it.key.len()).find(|it| *it > LONGEST_KEY) else {
        return Ok(());
    };
    Err(Error::Invalid(format!(
        "a unique key is {long} bytes with its kind, and at most {LONGEST_KEY} are allowed: take a hash of what it is \
         made of"
    )))
}

/// Where the statement ends that begins with this job.
fn chunk_end(timed: &[Timed<'_>], order: &[usize], start: usize) -> usize {
    let mut bytes = 0;
    let rest = order[start..].iter().take(CHUNK.0);
    let fits = rest.take_while(|at| {
        bytes += timed[**at].job.payload.len();
        bytes <= CHUNK.1
    });
    start + fits.count().max(1)
}

fn weight(jobs: &[NewJob]) -> usize {
    jobs.iter().map(|job| job.payload.len()).sum()
}

fn is_duplicate(error: &(dyn std::error::Error + 'static)) -> bool {
    error
        .downcast_ref::<atlas_db::Error>()
        .is_some_and(atlas_db::Error::is_duplicate)
}

/// Others take and free the same key all the time.
fn busy() -> Error {
    Error::Unavailable("a unique key is taken and freed again and again by others".into())
}

const _: () = assert!(CHUNK.0 <= LONGEST_LIST);
