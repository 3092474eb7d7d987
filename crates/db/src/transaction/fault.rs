//! What can be wrong with a transaction itself, as opposed to a statement in it.

use std::sync::Arc;

use sea_orm::{DbErr, RuntimeErr};

/// A failure that no engine reports in these words. It travels inside SeaORM's error, so that it is still known when it
/// arrives by way of SeaORM's own interfaces.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The answer to `COMMIT` was lost.
    #[error(
        "whether the transaction was committed is unknown, because the connection broke while it was: read back what \
         it was to write before doing it again ({})",
        crate::Error::from((**.0).clone())
    )]
    CommitUnknown(#[source] Box<DbErr>),
    /// Something of an outer transaction was run while one inside of it was open.
    #[error(
        "a transaction inside of this one is still open: its failure would undo this work too; await it first, and do \
         not run two of them side by side inside the same outer one"
    )]
    Busy,
    /// The transaction is over.
    #[error("the transaction that this work belongs to is over")]
    Ended,
    /// A statement was dropped half-way.
    #[error(
        "a statement of this transaction was dropped half-way, so that nobody knows what it did: the transaction can \
         only be rolled back; put what may be cancelled into a transaction of its own inside of it"
    )]
    Interrupted,
    /// A statement failed, and PostgreSQL has undone the transaction.
    #[error(
        "the transaction was rolled back, because a statement in it failed although the work then succeeded: PostgreSQL \
         goes on after a failure only outside of the transaction (or savepoint) that it happened in ({})",
        crate::Error::from((**.0).clone())
    )]
    Aborted(#[source] Box<DbErr>),
    /// Text that would begin or end a transaction behind the back of the handle.
    #[error(
        "`{0}` cannot be run as a statement: transactions are begun and ended by `Db::transaction` and SeaORM's \
         `TransactionTrait`"
    )]
    Control(&'static str),
    /// Text that MySQL and MariaDB commit before, without a word.
    #[error(
        "`{0}` cannot be run inside of a transaction on MySQL and MariaDB: it would commit what the transaction has done so \
         far; run it before the transaction or in a migration"
    )]
    Definition(&'static str),
}

impl Fault {
    /// Finds it in SeaORM's error.
    pub(crate) fn of(error: &DbErr) -> Option<&Self> {
        match error {
            DbErr::Conn(RuntimeErr::SqlxError(error))
            | DbErr::Exec(RuntimeErr::SqlxError(error))
            | DbErr::Query(RuntimeErr::SqlxError(error)) => match &**error {
                sqlx::Error::AnyDriverError(error) => error.downcast_ref(),
                _ => None,
            },
            _ => None,
        }
    }
}

impl From<Fault> for DbErr {
    fn from(fault: Fault) -> Self {
        let carrier = sqlx::Error::AnyDriverError(Box::new(fault));
        Self::Exec(RuntimeErr::SqlxError(Arc::new(carrier)))
    }
}

/// The error of a failed `COMMIT`: a refusal of the server is one, anything else leaves open what became of it.
pub(super) fn commit_failed(error: DbErr) -> DbErr {
    if is_refusal(&error) {
        error
    } else {
        Fault::CommitUnknown(Box::new(error)).into()
    }
}

/// Says whether the database itself answered, and with something else than that it goes away: a server that is shut down
/// or told to drop the session says so instead of saying that the commit is done.
pub(super) fn is_refusal(error: &DbErr) -> bool {
    let (DbErr::Conn(RuntimeErr::SqlxError(error))
    | DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return false;
    };
    error.as_database_error().is_some_and(|error| {
        error.code().is_none_or(|code| {
            // SQLSTATE: connection exception, completion unknown, operator intervention, killed by MySQL or MariaDB
            let leaving = ["08", "40003", "57P", "70100"];
            !(code.len() == 5 && leaving.iter().any(|class| code.starts_with(class)))
        })
    })
}
