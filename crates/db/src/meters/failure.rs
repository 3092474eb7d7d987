//! What telemetry says about a failed statement.

use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};

use crate::symptom::Symptom;

/// `db.response.status_code` (when the database answered) and `error.type`.
pub(super) fn of(error: &DbErr) -> (Option<String>, String) {
    if let Some(code) = code(error) {
        return (Some(code.clone()), code);
    }
    let kind = match error {
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => "pool_timeout",
        DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed) => "pool_closed",
        _ => match Symptom::of(error) {
            Symptom::Silent => "timeout",
            Symptom::Gone | Symptom::Refused => "connection",
            _ => "_OTHER",
        },
    };
    (None, kind.to_owned())
}

/// The code as the engine's convention has it: SQLSTATE on PostgreSQL, the number of the error elsewhere.
fn code(error: &DbErr) -> Option<String> {
    let (DbErr::Conn(RuntimeErr::SqlxError(error))
    | DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return None;
    };
    let error = error.as_database_error()?;
    #[cfg(feature = "mysql")]
    if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        return Some(error.number().to_string());
    }
    error.code().map(Into::into)
}
