//! Conditions that a client asks for, on columns that the service allows.

use sea_orm::{ColumnTrait, Condition, EntityTrait, Value};
use serde_json::Value as Json;

use crate::{Error, Result, contains, list::typed};

/// The condition that a column fulfils all of these terms, each an operator and its operand:
///
/// | operator | operand | |
/// | --- | --- | --- |
/// | `eq`, `ne` | a value | equal, or not; what is null is neither |
/// | `lt`, `lte`, `gt`, `gte` | a value | less, at most, greater, at least |
/// | `in` | a list of values | one of them |
/// | `contains` | a text | [`contains`](crate::contains) |
/// | `null` | `true` or `false` | null, or not |
///
/// Which columns and operators a client may use is decided where the request is read: the filters of the crate `http` are
/// structs whose `terms` are these.
///
/// ```
/// use atlas_db::{filter, sea_orm::{DbBackend, EntityTrait, QueryFilter, QueryTrait}};
/// use serde_json::json;
/// # mod tea {
/// #     use atlas_db::sea_orm::{self, entity::prelude::*};
/// #     #[derive(Clone, Debug, DeriveEntityModel)]
/// #     #[sea_orm(table_name = "teas")]
/// #     pub struct Model { #[sea_orm(primary_key)] pub id: i64, pub price: i64 }
/// #     #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
/// #     pub enum Relation {}
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
///
/// let terms = [("gte", json!(10)), ("lt", json!(20))];
/// let select = tea::Entity::find().filter(filter::<tea::Entity>(tea::Column::Price, terms)?);
/// let text = select.build(DbBackend::Sqlite).to_string();
/// assert!(text.ends_with(r#"WHERE "teas"."price" >= 10 AND "teas"."price" < 20"#));
/// # Ok::<_, atlas_db::Error>(())
/// ```
///
/// # Errors
///
/// When an operator is unknown or an operand is not of the column's type; it is the client's error
/// ([`Error::is_malformed`](crate::Error::is_malformed)).
pub fn filter<E: EntityTrait>(
    column: E::Column,
    terms: impl IntoIterator<Item = (impl AsRef<str>, Json)>,
) -> Result<Condition> {
    let mut condition = Condition::all();
    for (operator, operand) in terms {
        let value = |json: &Json| typed::<E>(column, json).map_err(|_| unfit(operator.as_ref()));
        let term = match operator.as_ref() {
            "eq" => column.eq(value(&operand)?),
            "ne" => column.ne(value(&operand)?),
            "lt" => column.lt(value(&operand)?),
            "lte" => column.lte(value(&operand)?),
            "gt" => column.gt(value(&operand)?),
            "gte" => column.gte(value(&operand)?),
            "in" => {
                let list = operand.as_array().ok_or_else(|| unfit("in"))?;
                let values: Vec<Value> = list.iter().map(value).collect::<Result<_>>()?;
                column.is_in(values)
            }
            "contains" => contains(column, operand.as_str().ok_or_else(|| unfit("contains"))?),
            "null" => match operand.as_bool().ok_or_else(|| unfit("null"))? {
                true => column.is_null(),
                false => column.is_not_null(),
            },
            other => return Err(unfit(other)),
        };
        condition = condition.add(term);
    }
    Ok(condition)
}

fn unfit(operator: &str) -> Error {
    Error::filter(format!(
        "the filter `{operator}` with an operand unfit for it"
    ))
}
