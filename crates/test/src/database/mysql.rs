//! MariaDB and MySQL do not copy databases: the tables of the template are described once, and made again for each test.

use atlas::db::sea_orm::{ConnectionTrait, DbErr, Statement, TryGetable};
use atlas::db::{Db, Engine};
use atlas_servers::Address;

use super::fresh::Trouble;
use super::place::{administer, administrator};

/// Connections that are still in a transaction hold the tables: they are ended first, if it comes to that.
pub(super) async fn drop(address: &Address, name: &str) -> Result<(), Trouble> {
    let gentle = [
        "SET SESSION lock_wait_timeout = 1".to_owned(),
        format!("DROP DATABASE IF EXISTS `{name}`"),
    ];
    if administer(address, &gentle).await.is_ok() {
        return Ok(());
    }
    let db = administrator(address)?;
    let sql = format!("SELECT id FROM information_schema.processlist WHERE db = '{name}'");
    let ids: Vec<u64> = column(&db, &sql).await.unwrap_or_default();
    for id in ids {
        // it may have gone by itself
        let _ = db.execute_unprepared(&format!("KILL {id}")).await;
    }
    db.close().await;
    administer(address, &gentle).await
}

/// The statements that make the template's tables and rows in another database, or nothing when it has what they cannot
/// make: views, triggers, routines.
pub(super) async fn describe(db: &Db, template: &str) -> Result<Option<String>, DbErr> {
    let others = format!(
        "SELECT CAST((SELECT count(*) FROM information_schema.tables \
            WHERE table_schema = '{template}' AND table_type <> 'BASE TABLE') \
          + (SELECT count(*) FROM information_schema.triggers WHERE trigger_schema = '{template}') \
          + (SELECT count(*) FROM information_schema.routines WHERE routine_schema = '{template}') \
          + (SELECT count(*) FROM information_schema.events WHERE event_schema = '{template}') AS SIGNED)"
    );
    let others: Vec<i64> = column(db, &others).await?;
    if others != [0] {
        return Ok(None);
    }
    let tables = format!(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = '{template}' ORDER BY table_name"
    );
    let tables: Vec<String> = column(db, &tables).await?;
    let mut script = String::from("SET SESSION foreign_key_checks = 0, unique_checks = 0;\n");
    for table in &tables {
        let shown = Statement::from_string(
            db.get_database_backend(),
            format!("SHOW CREATE TABLE `{template}`.`{table}`"),
        );
        let shown = db.query_one_raw(shown).await?;
        let create: Option<String> = shown.map(|row| row.try_get_by_index(1)).transpose()?;
        script.push_str(&create.unwrap_or_default());
        script.push_str(";\n");
    }
    for table in &tables {
        let columns = format!(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = '{template}' \
             AND table_name = '{table}' AND coalesce(generation_expression, '') = '' ORDER BY ordinal_position"
        );
        let columns: Vec<String> = column(db, &columns).await?;
        let columns: Vec<_> = columns.iter().map(|name| format!("`{name}`")).collect();
        let columns = columns.join(", ");
        let some = format!("SELECT 1 FROM `{template}`.`{table}` LIMIT 1");
        if !column::<i64>(db, &some).await?.is_empty() {
            script.push_str(&format!(
                "INSERT INTO `{table}` ({columns}) SELECT {columns} FROM `{template}`.`{table}`;\n"
            ));
        }
    }
    Ok(Some(script))
}

/// Makes a database by a script, all in one go.
pub(super) async fn copy(
    engine: Engine,
    address: &Address,
    script: &str,
    name: &str,
) -> Result<(), Trouble> {
    let all = format!(
        "{};\nUSE `{name}`;\n{script}",
        engine.create_database(&format!("`{name}`"))
    );
    administer(address, &[all]).await
}

async fn column<T: TryGetable>(db: &Db, sql: &str) -> Result<Vec<T>, DbErr> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}
