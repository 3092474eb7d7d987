//! Words that something else has taken already.

/// Keywords of Rust 2024, strict and reserved, `gen` included.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Crates that come with Rust, crates that a service depends on, and folders that cargo writes into.
const CRATES: &[(&str, &str)] = &[
    ("alloc", "a crate of Rust itself"),
    ("core", "a crate of Rust itself"),
    ("std", "a crate of Rust itself"),
    ("proc_macro", "a crate of Rust itself"),
    ("test", "a crate of Rust itself"),
    ("product", "a name that its first feature uses"),
    ("changed", "a name that its tests use"),
    ("names", "a name that its tests use"),
    ("atlas", "the framework"),
    ("atlas_test", "the framework"),
    ("atlas_kit", "the framework"),
    ("tokio", "a crate the service depends on"),
    ("serde", "a crate the service depends on"),
    ("serde_json", "a crate the service depends on"),
    ("schemars", "a crate the service depends on"),
    ("sea_orm", "a crate the service depends on"),
    ("garde", "a crate the service depends on"),
    ("uuid", "a crate the service depends on"),
    ("chrono", "a crate the service depends on"),
    ("axum", "a crate the service depends on"),
    ("tracing", "a crate the service depends on"),
    ("build", "a folder of cargo's"),
    ("deps", "a folder of cargo's"),
    ("examples", "a folder of cargo's"),
    ("incremental", "a folder of cargo's"),
    ("it", "the name of the integration tests"),
    ("con", "a device on Windows"),
    ("prn", "a device on Windows"),
    ("aux", "a device on Windows"),
    ("nul", "a device on Windows"),
];

/// Names inside a service that generated code would collide with.
const MODULES: &[(&str, &str)] = &[
    ("app", "the function that assembles the service"),
    ("main", "the entry of the service"),
    ("lib", "the library of the service"),
    ("migrations", "the schema of the service"),
    ("tests", "the tests of a module"),
    ("support", "the support code of the tests"),
    ("it", "the integration tests"),
    ("atlas", "the framework"),
    ("std", "a crate of Rust itself"),
    ("core", "a crate of Rust itself"),
    ("alloc", "a crate of Rust itself"),
    ("serde", "a crate the service depends on"),
    ("serde_json", "a crate the service depends on"),
    ("schemars", "a crate the service depends on"),
    ("sea_orm", "a crate the service depends on"),
    ("garde", "a crate the service depends on"),
    ("tokio", "a crate the service depends on"),
    ("axum", "a crate the service depends on"),
    ("uuid", "a crate the service depends on"),
    ("chrono", "a crate the service depends on"),
    ("livez", "an endpoint of every service"),
    ("readyz", "an endpoint of every service"),
    ("startupz", "an endpoint of every service"),
    ("metrics", "an endpoint of every service"),
    ("docs", "an endpoint of every service"),
    ("openapi", "an endpoint of every service"),
    ("atlas_migrations", "the table of applied migrations"),
    (
        "atlas_seeding",
        "the table of a new database that is being seeded",
    ),
];

/// Types and traits that the generated files of a module use.
const TYPES: &[&str] = &[
    "ActiveModel",
    "App",
    "Arc",
    "AsRef",
    "Box",
    "Clone",
    "Column",
    "ColumnDef",
    "ColumnTrait",
    "Component",
    "Condition",
    "Copy",
    "Created",
    "Db",
    "DbError",
    "Debug",
    "Decimal",
    "Default",
    "DeriveEntityModel",
    "Deserialize",
    "Display",
    "Drop",
    "Entity",
    "EntityTrait",
    "EnumIter",
    "Eq",
    "Err",
    "Error",
    "Fn",
    "From",
    "Hash",
    "Index",
    "Into",
    "Iterator",
    "Json",
    "JsonSchema",
    "Kind",
    "Lifecycle",
    "List",
    "Memory",
    "Migration",
    "Model",
    "Module",
    "Money",
    "Mutex",
    "NoContent",
    "None",
    "NotSet",
    "Ok",
    "Option",
    "Ord",
    "Page",
    "Path",
    "PrimaryKey",
    "QueryFilter",
    "QuerySelect",
    "Relation",
    "Result",
    "Routes",
    "Schema",
    "Self",
    "Send",
    "Serialize",
    "Shutdown",
    "Some",
    "Sql",
    "State",
    "String",
    "Sync",
    "Table",
    "TestApp",
    "ToString",
    "Uuid",
    "Validate",
    "Value",
    "Vec",
];

/// Variables and functions in the generated files of a module that one of the same name would hide.
const VARIABLES: &[&str] = &[
    "changed", "db", "details", "filter", "id", "it", "key", "list", "new", "row", "search",
    "update",
];

/// Whether a word is a keyword of Rust.
pub(crate) fn is_keyword(word: &str) -> bool {
    KEYWORDS.contains(&word)
}

/// What a name of a package would collide with.
pub(super) fn of_crate(snake: &str) -> Option<&'static str> {
    find(CRATES, snake)
}

/// What a name of a module would collide with.
pub(super) fn of_module(snake: &str) -> Option<&'static str> {
    find(MODULES, snake)
}

/// Whether a type or a variable of this name would hide one that generated code uses.
pub(super) fn is_used(snake: &str, camel: &str) -> bool {
    TYPES.contains(&camel) || VARIABLES.contains(&snake)
}

fn find(list: &[(&'static str, &'static str)], name: &str) -> Option<&'static str> {
    list.iter()
        .find(|(taken, _)| *taken == name)
        .map(|(_, by)| *by)
}
