//! Types of columns: which are as good as equal, and how they are written with builders.

use sea_orm::{
    DbBackend,
    sea_query::{ColumnType, StringLen},
};

use super::entity::WantedColumn;

/// Says whether a column of type `found` serves an entity that asks for `wanted`, both in the engine's own words.
///
/// What an entity leaves open is open: a `String` without a length is at home in any text, a `Decimal` without digits in any
/// number of them.
pub(super) fn fits(backend: DbBackend, column: &WantedColumn, wanted: &str, found: &str) -> bool {
    if wanted == found {
        return true;
    }
    let (base, found_base) = (base(wanted), base(found));
    match &column.kind {
        ColumnType::String(StringLen::None | StringLen::Max) | ColumnType::Char(None) => {
            is_text(found_base)
        }
        ColumnType::Text => {
            is_text(found_base) && !found.contains('(') || found_base.ends_with("text")
        }
        ColumnType::Decimal(None) | ColumnType::Money(None) => match backend {
            DbBackend::Sqlite => {
                found_base.starts_with("real") || ["decimal", "numeric"].contains(&found_base)
            }
            _ => base == found_base,
        },
        ColumnType::Json | ColumnType::JsonBinary => match backend {
            DbBackend::Sqlite => ["json_text", "jsonb_text", "json", "text"].contains(&found_base),
            _ => ["json", "jsonb"].contains(&found_base),
        },
        ColumnType::Blob | ColumnType::VarBinary(_) | ColumnType::Binary(_) => {
            is_binary(base) && is_binary(found_base) && !wanted.contains('(')
        }
        // an entity says nothing about the fractions of a second
        ColumnType::DateTime | ColumnType::Timestamp | ColumnType::TimestampWithTimeZone
            if backend == DbBackend::MySql =>
        {
            base == found_base
        }
        // the engine keeps the text as it comes, whatever else it is called
        _ if backend == DbBackend::Sqlite && base.ends_with("_text") => found == "text",
        _ if backend == DbBackend::Sqlite => family(base) == family(found_base),
        _ => false,
    }
}

fn base(kind: &str) -> &str {
    kind.split('(').next().unwrap_or(kind).trim_end()
}

fn is_text(base: &str) -> bool {
    [
        "char",
        "varchar",
        "character",
        "character varying",
        "text",
        "tinytext",
        "mediumtext",
        "longtext",
        "citext",
        "clob",
        "nvarchar",
    ]
    .contains(&base)
}

fn is_binary(base: &str) -> bool {
    base == "bytea" || base.ends_with("blob") || base.ends_with("binary")
}

/// Words of SQLite that mean the same.
fn family(base: &str) -> &str {
    match base {
        "int" | "bigint" | "int8" | "integer" => "integer",
        "int2" | "smallint" => "smallint",
        "bool" | "boolean" => "boolean",
        "real" | "float" | "double" | "double precision" => "double",
        other => other,
    }
}

/// The calls behind `ColumnDef::new("name")` that give a column the type of an entity.
pub(super) fn calls(kind: &ColumnType, native: &str) -> String {
    match kind {
        ColumnType::Char(None) => ".char()".into(),
        ColumnType::Char(Some(length)) => format!(".char_len({length})"),
        ColumnType::String(StringLen::N(length)) => format!(".string_len({length})"),
        // the same on every engine
        ColumnType::String(_) => ".string_len(255)".into(),
        ColumnType::Text => ".text()".into(),
        ColumnType::Blob => ".blob()".into(),
        ColumnType::TinyInteger => ".tiny_integer()".into(),
        ColumnType::SmallInteger => ".small_integer()".into(),
        ColumnType::Integer => ".integer()".into(),
        ColumnType::BigInteger => ".big_integer()".into(),
        ColumnType::TinyUnsigned => ".tiny_unsigned()".into(),
        ColumnType::SmallUnsigned => ".small_unsigned()".into(),
        ColumnType::Unsigned => ".unsigned()".into(),
        ColumnType::BigUnsigned => ".big_unsigned()".into(),
        ColumnType::Float => ".float()".into(),
        ColumnType::Double => ".double()".into(),
        ColumnType::Decimal(None) => ".decimal()".into(),
        ColumnType::Decimal(Some((digits, places))) => format!(".decimal_len({digits}, {places})"),
        ColumnType::DateTime => ".date_time()".into(),
        ColumnType::Timestamp => ".timestamp()".into(),
        ColumnType::TimestampWithTimeZone => ".timestamp_with_time_zone()".into(),
        ColumnType::Time => ".time()".into(),
        ColumnType::Date => ".date()".into(),
        ColumnType::Year => ".year()".into(),
        ColumnType::Binary(length) => format!(".binary_len({length})"),
        ColumnType::VarBinary(StringLen::N(length)) => format!(".var_binary({length})"),
        ColumnType::VarBinary(_) => ".var_binary(255)".into(),
        ColumnType::Boolean => ".boolean()".into(),
        ColumnType::Money(None) => ".money()".into(),
        ColumnType::Money(Some((digits, places))) => format!(".money_len({digits}, {places})"),
        ColumnType::Json => ".json()".into(),
        ColumnType::JsonBinary => ".json_binary()".into(),
        ColumnType::Uuid => ".uuid()".into(),
        ColumnType::Enum { name, variants } => {
            let variants: Vec<String> = variants
                .iter()
                .map(|it| format!("{:?}", it.to_string()))
                .collect();
            format!(
                ".enumeration({:?}, [{}])",
                name.to_string(),
                variants.join(", ")
            )
        }
        // the engine's own words, for what is special to it
        _ => format!(".custom({native:?})"),
    }
}

/// The calls that give a column the type that an engine names so; its own words where there is no builder for it.
pub(super) fn calls_of(backend: DbBackend, native: &str) -> String {
    let arguments = || {
        let inside = native.split_once('(')?.1.split(')').next()?;
        Some(inside.trim().to_owned())
    };
    let sized = |plain: &str, sized: &str| match arguments() {
        Some(arguments) => format!(".{sized}({arguments})"),
        None => format!(".{plain}()"),
    };
    let plain = |call: &str| format!(".{call}()");
    let mysql = backend == DbBackend::MySql;
    match base(native) {
        "varchar" | "character varying" => sized("string", "string_len"),
        "char" | "character" => sized("char", "char_len"),
        "text" => plain("text"),
        "tinyint" if mysql && native == "tinyint(1)" => plain("boolean"),
        "boolean" | "bool" => plain("boolean"),
        "tinyint" => plain("tiny_integer"),
        "smallint" => plain("small_integer"),
        "integer" | "int" if native.ends_with("unsigned") => plain("unsigned"),
        // SQLite has one integer for all sizes
        "integer" | "int" if backend == DbBackend::Sqlite => plain("big_integer"),
        "integer" | "int" => plain("integer"),
        "bigint" if native.ends_with("unsigned") => plain("big_unsigned"),
        "bigint" => plain("big_integer"),
        "float" => plain("float"),
        "real" if backend == DbBackend::Postgres => plain("float"),
        "double" | "double precision" => plain("double"),
        "numeric" | "decimal" | "real_decimal" | "real" => sized("decimal", "decimal_len"),
        "real_money" | "money" => plain("money"),
        "date" | "date_text" => plain("date"),
        "time" | "time without time zone" | "time_text" => plain("time"),
        "datetime" | "datetime_text" => plain("date_time"),
        "timestamp without time zone" | "timestamp_text" => plain("timestamp"),
        "timestamp with time zone" | "timestamp_with_timezone_text" => {
            plain("timestamp_with_time_zone")
        }
        "timestamp" if mysql => plain("timestamp_with_time_zone"),
        "json" | "json_text" => plain("json"),
        "jsonb" | "jsonb_text" => plain("json_binary"),
        "uuid" | "uuid_text" => plain("uuid"),
        "binary" if native == "binary(16)" => plain("uuid"),
        "blob" | "bytea" => plain("blob"),
        "varbinary" | "varbinary_blob" => sized("blob", "var_binary"),
        "binary" => sized("blob", "binary_len"),
        _ => format!(".custom({native:?})"),
    }
}

/// The value that rows get which are there already, as the builder takes it; `None` when nothing is a fair guess.
pub(super) fn filler(kind: &ColumnType) -> Option<&'static str> {
    match kind {
        ColumnType::Char(_) | ColumnType::String(_) | ColumnType::Text => Some("\"\""),
        ColumnType::TinyInteger
        | ColumnType::SmallInteger
        | ColumnType::Integer
        | ColumnType::BigInteger
        | ColumnType::TinyUnsigned
        | ColumnType::SmallUnsigned
        | ColumnType::Unsigned
        | ColumnType::BigUnsigned
        | ColumnType::Decimal(_)
        | ColumnType::Float
        | ColumnType::Double => Some("0"),
        ColumnType::Boolean => Some("false"),
        _ => None,
    }
}

/// The same for a column that is known by its builder's calls.
pub(super) fn filler_of(calls: &str) -> Option<&'static str> {
    let call = calls.trim_start_matches('.').split('(').next()?;
    match call {
        "string" | "string_len" | "char" | "char_len" | "text" => Some("\"\""),
        "boolean" => Some("false"),
        "float" | "double" => Some("0"),
        _ if call.ends_with("integer") || call.ends_with("unsigned") => Some("0"),
        _ if call.starts_with("decimal") => Some("0"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(kind: ColumnType) -> WantedColumn {
        WantedColumn {
            name: "it".into(),
            native: kind.clone(),
            kind,
            nullable: false,
            default: None,
            counts: false,
            renamed_from: None,
        }
    }

    #[test]
    fn what_an_entity_leaves_open_is_open_and_nothing_else() {
        let open = column(ColumnType::String(StringLen::None));
        let postgres = DbBackend::Postgres;
        for found in ["character varying(10)", "text", "character(3)"] {
            assert!(fits(postgres, &open, "character varying", found), "{found}");
        }
        assert!(!fits(postgres, &open, "character varying", "uuid"));
        let ten = column(ColumnType::String(StringLen::N(10)));
        assert!(!fits(
            postgres,
            &ten,
            "character varying(10)",
            "character varying(20)"
        ));
        let text = column(ColumnType::Text);
        assert!(fits(DbBackend::MySql, &text, "text", "longtext"));
        assert!(!fits(DbBackend::MySql, &text, "text", "varchar(255)"));
        let moment = column(ColumnType::TimestampWithTimeZone);
        let sqlite = DbBackend::Sqlite;
        assert!(fits(
            sqlite,
            &moment,
            "timestamp_with_timezone_text",
            "text"
        ));
        assert!(!fits(
            sqlite,
            &moment,
            "timestamp_with_timezone_text",
            "date_text"
        ));
        let small = column(ColumnType::SmallInteger);
        assert!(!fits(postgres, &small, "smallint", "integer"));
    }

    #[test]
    fn what_an_engine_names_has_a_builder() {
        for (backend, native, calls) in [
            (
                DbBackend::Postgres,
                "character varying(255)",
                ".string_len(255)",
            ),
            (DbBackend::Postgres, "numeric(10,2)", ".decimal_len(10,2)"),
            (DbBackend::MySql, "tinyint(1)", ".boolean()"),
            (DbBackend::MySql, "int(10) unsigned", ".unsigned()"),
            (DbBackend::MySql, "binary(16)", ".uuid()"),
            (
                DbBackend::Sqlite,
                "timestamp_with_timezone_text",
                ".timestamp_with_time_zone()",
            ),
            (DbBackend::Postgres, "tsvector", ".custom(\"tsvector\")"),
        ] {
            assert_eq!(calls_of(backend, native), calls, "{native}");
        }
    }
}
