//! The one connection of a transaction and the savepoints that stand on it.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use sea_orm::{DbBackend, DbErr};

use super::{Begin, Fault, Hook, fault};
use crate::{driver::Borrowed, symptom::Symptom};

/// A transaction, or a savepoint inside of one.
#[derive(Default)]
pub(crate) struct Level {
    /// Its holder went away without ending it.
    gone: AtomicBool,
    hooks: Mutex<Vec<Hook>>,
}

impl Level {
    /// Notes that nobody will end it.
    pub(super) fn leave(&self) {
        self.gone.store(true, Ordering::Release);
    }

    /// Keeps what is to be done after the commit.
    pub(super) fn push(&self, hook: Hook) {
        self.hooks().push(hook);
    }

    fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Acquire)
    }

    fn hooks(&self) -> std::sync::MutexGuard<'_, Vec<Hook>> {
        // pushing cannot leave the list half-way
        self.hooks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who may use the connection: only the innermost level.
///
/// Dropped with a transaction open, it is rolled back.
pub(super) struct Line {
    connection: Option<Borrowed>,
    begin: Begin,
    backend: DbBackend,
    levels: Vec<Open>,
    /// The statement that is on its way belongs to this level; found set by the next one, it was dropped half-way.
    running: Option<usize>,
    /// What ended the whole transaction behind its holders' backs.
    broken: Option<DbErr>,
}

/// A level that was begun.
struct Open {
    level: Arc<Level>,
    /// A statement was dropped half-way.
    interrupted: bool,
    /// A statement failed, and the engine undoes everything because of it.
    aborted: Option<DbErr>,
}

impl Line {
    pub(super) fn new(connection: Borrowed, begin: Begin, backend: DbBackend) -> Self {
        Self {
            connection: Some(connection),
            begin,
            backend,
            levels: Vec::with_capacity(2),
            running: None,
            broken: None,
        }
    }

    /// The connection, while there is one.
    pub(super) fn connection(&mut self) -> Result<&mut Borrowed, DbErr> {
        self.connection.as_mut().ok_or_else(|| Fault::Ended.into())
    }

    /// Gives the connection back without having begun.
    pub(super) fn let_go(&mut self) {
        self.connection = None;
    }

    /// Says whether a level is the transaction itself.
    pub(super) fn is_outermost(&self, level: &Arc<Level>) -> bool {
        self.index(level) == Some(0)
    }

    /// Notes that a level was begun.
    pub(super) fn open(&mut self, level: Arc<Level>) {
        self.levels.push(Open {
            level,
            interrupted: false,
            aborted: None,
        });
    }

    /// How many savepoints there are already.
    pub(super) fn depth(&self) -> usize {
        self.levels.len()
    }

    /// Says whether somebody left without ending his level, so that [`sweep`](Self::sweep) has to.
    pub(super) fn is_littered(&mut self) -> bool {
        if let Some(index) = self.running.take()
            && let Some(open) = self.levels.get_mut(index)
        {
            open.interrupted = true;
        }
        self.levels.iter().any(|open| open.level.is_gone())
    }

    /// Rolls back the levels whose holders left, and those inside of them.
    pub(super) async fn sweep(&mut self) {
        while let Some(lowest) = self.levels.iter().position(|open| open.level.is_gone()) {
            // what fails here fails everything that follows
            if let Err(error) = self.undo(lowest).await {
                self.broken.get_or_insert(error);
            }
        }
    }

    /// Says whether a level may use the connection now.
    pub(super) fn check(&self, level: &Arc<Level>) -> Result<(), DbErr> {
        if let Some(error) = &self.broken {
            return Err(error.clone());
        }
        let index = self.index(level).ok_or(Fault::Ended)?;
        let open = &self.levels[index];
        if index + 1 < self.levels.len() {
            Err(Fault::Busy.into())
        } else if open.interrupted {
            Err(Fault::Interrupted.into())
        } else {
            Ok(())
        }
    }

    /// Notes that a statement of the innermost level is on its way.
    pub(super) fn start(&mut self) {
        self.running = self.levels.len().checked_sub(1);
    }

    /// Notes that nothing is unknown when it is dropped half-way, because it only reads.
    pub(super) fn forgive(&mut self) {
        self.running = None;
    }

    /// Notes that it is over, and what its failure means for the transaction.
    pub(super) fn finish<T>(&mut self, answer: Result<T, DbErr>) -> Result<T, DbErr> {
        self.running = None;
        if let Err(error) = &answer {
            let symptom = Symptom::of(error);
            if symptom.ends_transaction() {
                self.broken.get_or_insert_with(|| error.clone());
            } else if self.backend == DbBackend::Postgres
                && fault::is_refusal(error)
                && let Some(open) = self.levels.last_mut()
            {
                open.aborted.get_or_insert_with(|| error.clone());
            }
        }
        answer
    }

    /// Ends the innermost level for good; the hooks are due when it was the outermost, too.
    pub(super) async fn commit(&mut self, level: &Arc<Level>) -> Result<Vec<Hook>, DbErr> {
        self.check(level)?;
        let outermost = self.levels.len() == 1;
        if let Some(error) = self.levels.last_mut().and_then(|open| open.aborted.take()) {
            return Err(Fault::Aborted(Box::new(error)).into());
        }
        let (depth, begin) = (self.levels.len() - 1, self.begin);
        let connection = self.connection()?;
        if !outermost {
            connection.execute_unprepared(release(depth)).await?;
            self.levels.pop();
            let mut hooks = std::mem::take(&mut *level.hooks());
            if let Some(outer) = self.levels.last() {
                outer.level.hooks().append(&mut hooks);
            }
            return Ok(Vec::new());
        }
        if let Err(error) = connection.commit(&begin).await {
            let error = fault::commit_failed(error);
            if !fault::is_refusal(&error) {
                self.broken = Some(error.clone());
            }
            return Err(error);
        }
        self.levels.clear();
        // the next caller need not wait for the hooks
        self.connection = None;
        Ok(std::mem::take(&mut *level.hooks()))
    }

    /// Undoes a level, if it is open still.
    pub(super) async fn rollback(&mut self, level: &Arc<Level>) -> Result<(), DbErr> {
        match self.index(level) {
            Some(index) => self.undo(index).await,
            None => Ok(()),
        }
    }

    /// Undoes a level and those inside of it.
    async fn undo(&mut self, lowest: usize) -> Result<(), DbErr> {
        self.levels.truncate(lowest);
        self.running = None;
        match &mut self.connection {
            None => Ok(()),
            Some(_) if self.broken.is_some() && lowest > 0 => Ok(()),
            Some(connection) if lowest > 0 => {
                connection.execute_unprepared(undo(lowest)).await.map(drop)
            }
            Some(_) => self.give_up().await,
        }
    }

    /// Rolls everything back and gives the connection away.
    async fn give_up(&mut self) -> Result<(), DbErr> {
        let Some(mut connection) = self.connection.take() else {
            return Ok(());
        };
        if self.is_lost() {
            connection.discard();
            return Ok(());
        }
        connection.rollback(&self.begin).await
    }

    /// Rolls everything back without waiting.
    pub(super) fn abandon(&mut self) {
        self.levels.clear();
        if let Some(connection) = self.connection.take() {
            if self.is_lost() {
                connection.discard();
            } else {
                connection.abandon(self.begin);
            }
        }
    }

    /// Says whether the whole transaction is over because of a conflict with another one.
    pub(super) fn lost_a_conflict(&self) -> bool {
        self.broken
            .as_ref()
            .is_some_and(|error| Symptom::of(error) == Symptom::Conflict)
    }

    /// The connection is not what it was: a conflict and a full disk leave it usable, anything else that ends a
    /// transaction does not.
    fn is_lost(&self) -> bool {
        self.broken
            .as_ref()
            .is_some_and(|error| !matches!(Symptom::of(error), Symptom::Conflict | Symptom::Full))
    }

    fn index(&self, level: &Arc<Level>) -> Option<usize> {
        self.levels
            .iter()
            .position(|open| Arc::ptr_eq(&open.level, level))
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if !self.levels.is_empty() {
            self.abandon();
        }
    }
}

/// The statement that sets the savepoint of a level.
pub(super) fn savepoint(depth: usize) -> Arc<String> {
    Arc::new(format!("SAVEPOINT atlas_{depth}"))
}

fn release(depth: usize) -> Arc<String> {
    Arc::new(format!("RELEASE SAVEPOINT atlas_{depth}"))
}

/// Undoes and forgets: a savepoint that is only rolled back to stays where it was.
fn undo(depth: usize) -> Arc<String> {
    Arc::new(format!(
        "ROLLBACK TO SAVEPOINT atlas_{depth}; RELEASE SAVEPOINT atlas_{depth}"
    ))
}
