//! What the comparison says when the two sides differ, or cannot be compared.

use atlas_core::Diagnostic;

use super::Difference;
use crate::Error;

const CHECK: u8 = 3;
const DATA: u8 = 65;
const UNAVAILABLE: u8 = 69;

/// A215: what the entities say is not what the migrations make.
pub(super) fn models_differ(differences: &[Difference]) -> Diagnostic {
    let message = match differences {
        [one] => format!("the entities and the migrations differ: {}", one.what),
        many => {
            let lines: Vec<String> = many
                .iter()
                .map(|it| format!("\n     - {}", it.what))
                .collect();
            format!(
                "the entities and the migrations differ in {} places:{}",
                many.len(),
                lines.concat()
            )
        }
    };
    let error = Diagnostic::new("A215", message);
    let hints = differences.iter().filter_map(|it| it.hint.as_deref());
    hints
        .fold(error, |error, hint| error.help(hint))
        .help("draft the migration that closes the gap: `migrate diff NAME`")
        .exit(CHECK)
}

/// A215: there is nothing to compare with.
pub(super) fn no_scratch(place: &str, name: &str, error: Error) -> Diagnostic {
    Diagnostic::new(
        "A215",
        format!("the entities cannot be compared: the database `{name}` could not be made: {error}"),
    )
    .place(place)
    .help("migrations are tried on a database of their own, made beside the configured one and removed: let the user create databases (`ALTER ROLE … CREATEDB`, `GRANT ALL ON `%`.* TO …`)")
    .help("or compare on a server of your own: `--set database.url=…`")
    .exit(UNAVAILABLE)
    .source(error)
}

/// A215: an entity that its engine cannot hold.
pub(super) fn bad_entity(table: &str, system: &str, problem: &str) -> Diagnostic {
    Diagnostic::new(
        "A215",
        format!("the entity of table `{table}` cannot be compared: {system} cannot hold it: {problem}"),
    )
    .help("change the type of the column that the engine refuses, for example with `#[sea_orm(column_type = \"…\")]`")
    .exit(DATA)
}
