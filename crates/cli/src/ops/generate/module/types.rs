//! Fields as Rust: their types here and there, and the way between.

use crate::ops::fields::{Field, FieldKind};

/// A field whose Rust is wanted.
#[derive(Clone, Copy)]
pub(super) struct Typed<'a>(pub(super) &'a Field);

impl Typed<'_> {
    /// `placed_at`
    pub(super) fn name(self) -> String {
        self.0.name.snake()
    }

    /// `PlacedAt`: its column, and its key of sorting.
    pub(super) fn column(self) -> String {
        self.0.name.camel()
    }

    /// What stands in front of it in structs.
    pub(super) fn doc(self) -> String {
        match (self.0.kind, self.moment()) {
            (FieldKind::Bool, _) => format!("/// Whether it is {}.", self.0.name.spoken()),
            (_, Some(done)) => format!("/// When it was {done}."),
            _ => format!("/// Its {}.", self.0.name.spoken()),
        }
    }

    /// What stands in front of it in what lists are filtered by; `{Ps}` are the entities.
    pub(super) fn filter_doc(self) -> String {
        match self.moment() {
            Some(done) => format!("/// {{Ps}} {done} then."),
            None => format!("/// {{Ps}} with this {}.", self.0.name.spoken()),
        }
    }

    /// `placed` of `placed_at` and `placed_on`, if that is a time.
    fn moment(self) -> Option<String> {
        let spoken = self.0.name.spoken();
        let done = spoken
            .strip_suffix(" at")
            .or_else(|| spoken.strip_suffix(" on"))?;
        matches!(self.0.kind, FieldKind::Date | FieldKind::Datetime).then(|| done.to_owned())
    }

    /// Its type, as services know it, without `Option`.
    pub(super) fn plain(self) -> &'static str {
        match self.0.kind {
            FieldKind::String | FieldKind::Text => "String",
            FieldKind::Int => "i32",
            FieldKind::Bigint => "i64",
            FieldKind::Decimal => "Decimal",
            FieldKind::Bool => "bool",
            FieldKind::Date => "ChronoDate",
            FieldKind::Datetime => "ChronoDateTimeUtc",
            FieldKind::Uuid => "Uuid",
            FieldKind::Json => "Value",
            FieldKind::Money => "Money",
        }
    }

    /// Its type, as services know it.
    pub(super) fn full(self) -> String {
        self.option(self.plain())
    }

    /// What garde checks of what clients send.
    pub(super) fn rule(self) -> &'static str {
        match self.0.kind {
            FieldKind::String => "#[garde(length(chars, min = 1, max = 255))]",
            FieldKind::Text => "#[garde(length(chars, max = 10_000))]",
            FieldKind::Money => "#[garde(dive)]",
            _ => "#[garde(skip)]",
        }
    }

    /// Its columns in the model of the table.
    pub(super) fn model(self) -> String {
        let name = self.name();
        // as the migration has it, so that the two agree
        let unique = match self.0.unique {
            true => "#[sea_orm(unique)]\n",
            false => "",
        };
        let field = |suffix: &str, kind: &str| {
            format!(
                "{unique}pub(super) {name}{suffix}: {},\n",
                self.option(kind)
            )
        };
        match self.0.kind {
            FieldKind::Text => format!(
                "#[sea_orm(column_type = \"Text\")]\n{}",
                field("", "String")
            ),
            FieldKind::Decimal => field("", "i64"),
            FieldKind::Json => field("", "Json"),
            FieldKind::Money => {
                field("_units", "i64") + &field("_nanos", "i32") + &field("_currency", "String")
            }
            _ => field("", self.plain()),
        }
    }

    /// Statements before a row becomes an entity.
    pub(super) fn before_of_row(self) -> String {
        let name = self.name();
        match (self.0.kind, self.0.optional) {
            (FieldKind::Money, false) => format!(
                "let {name} = Money {{ currency_code: row.{name}_currency, units: row.{name}_units, nanos: row.{name}_nanos }};\n"
            ),
            (FieldKind::Money, true) => format!(
                "let {name} = match (row.{name}_currency, row.{name}_units, row.{name}_nanos) {{\n\
                 (Some(currency_code), Some(units), Some(nanos)) => Some(Money {{ currency_code, units, nanos }}),\n\
                 _ => None,\n}};\n"
            ),
            _ => String::new(),
        }
    }

    /// The field of an entity, from a row.
    pub(super) fn of_row(self) -> String {
        let name = self.name();
        match (self.0.kind, self.0.optional) {
            (FieldKind::Money, _) => format!("{name},\n"),
            (FieldKind::Decimal, false) => {
                format!("{name}: Decimal::from_ten_thousandths(row.{name}),\n")
            }
            (FieldKind::Decimal, true) => {
                format!("{name}: row.{name}.map(Decimal::from_ten_thousandths),\n")
            }
            _ => format!("{name}: row.{name},\n"),
        }
    }

    /// The columns of a row, from the details of an entity.
    pub(super) fn to_row(self) -> String {
        let name = self.name();
        match (self.0.kind, self.0.optional) {
            (FieldKind::Money, false) => format!(
                "{name}_units: details.{name}.units,\n{name}_nanos: details.{name}.nanos,\n{name}_currency: details.{name}.currency_code,\n"
            ),
            (FieldKind::Money, true) => format!(
                "{name}_units: details.{name}.as_ref().map(|it| it.units),\n\
                 {name}_nanos: details.{name}.as_ref().map(|it| it.nanos),\n\
                 {name}_currency: details.{name}.map(|it| it.currency_code),\n"
            ),
            (FieldKind::Decimal, false) => format!("{name}: details.{name}.ten_thousandths(),\n"),
            (FieldKind::Decimal, true) => {
                format!("{name}: details.{name}.map(Decimal::ten_thousandths),\n")
            }
            _ => format!("{name}: details.{name},\n"),
        }
    }

    /// Whether lists can be ordered by it: it has an index, and is never absent.
    pub(super) fn is_sortable(self) -> bool {
        self.is_filterable() && !self.0.optional
    }

    /// Whether lists can be filtered by it: it has an index, and the list has no parameter of that name.
    pub(super) fn is_filterable(self) -> bool {
        (self.0.index || self.0.unique)
            && !["limit", "sort", "cursor"].contains(&self.name().as_str())
    }

    /// Its value in a cursor; `{e}` is the entity.
    pub(super) fn position(self) -> String {
        let name = self.name();
        let value = match self.0.kind {
            FieldKind::String | FieldKind::Text => ".as_str()",
            FieldKind::Decimal => ".ten_thousandths()",
            FieldKind::Datetime => ".to_rfc3339()",
            FieldKind::Date | FieldKind::Uuid => ".to_string()",
            FieldKind::Int
            | FieldKind::Bigint
            | FieldKind::Bool
            | FieldKind::Json
            | FieldKind::Money => "",
        };
        format!("{{e}}.details.{name}{value}.into()")
    }

    /// The condition of a filter on it.
    pub(super) fn condition(self) -> String {
        let (name, column) = (self.name(), self.column());
        match self.0.kind {
            FieldKind::String => format!(
                ".add_option(filter.{name}.as_ref().map(|it| Column::{column}.eq(it.as_str())))"
            ),
            FieldKind::Decimal => format!(
                ".add_option(filter.{name}.map(|it| Column::{column}.eq(it.ten_thousandths())))"
            ),
            _ => format!(".add_option(filter.{name}.map(|it| Column::{column}.eq(it)))"),
        }
    }

    fn option(self, kind: &str) -> String {
        match self.0.optional {
            true => format!("Option<{kind}>"),
            false => kind.to_owned(),
        }
    }
}
