//! The `Cargo.toml` of a service: that of `examples/shop` without its workspace.
//!
//! What the shop inherits stands there itself: versions of dependencies, lints and profiles. An empty `[workspace]`
//! lets the service live inside the folder of another workspace.

use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, Value};

use super::{AtlasSource, NewService, part};
use crate::{Error, Exit, OrFail, Result, ops::names::ServiceName};

/// Keys of `[package]` that say whose code it is, not how it is built.
const NOT_INHERITED: &[&str] = &[
    "license",
    "repository",
    "readme",
    "homepage",
    "documentation",
    "authors",
];

/// Makes the manifest from those of the shop and of its workspace.
pub(super) fn make(shop: &str, workspace: &str, new: &NewService) -> Result<String> {
    let parse = |text: &str, what: &str| {
        text.parse::<DocumentMut>()
            .or_fail(|| format!("the template `{what}` is not valid TOML"))
            .map_err(|error| error.exit(Exit::Internal))
    };
    let mut manifest = parse(shop, "examples/shop/Cargo.toml")?;
    let workspace = parse(workspace, "Cargo.toml")?;
    let shared = workspace
        .get("workspace")
        .and_then(Item::as_table)
        .ok_or_else(|| {
            Error::new("the template `Cargo.toml` has no `[workspace]`").exit(Exit::Internal)
        })?;

    package(&mut manifest, shared, &new.name);
    for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
        if let Some(dependencies) = manifest.get_mut(kind).and_then(Item::as_table_mut) {
            inherit(dependencies, shared, &new.atlas);
        }
    }
    new.database.choose_drivers(&mut manifest);
    part::choose(&mut manifest, &new.parts);
    if let Some(lints) = shared.get("lints").and_then(Item::as_table) {
        manifest.insert("lints", Item::Table(implicit(lints)));
    }
    if let Some(profiles) = workspace.get("profile").and_then(Item::as_table) {
        manifest.insert("profile", Item::Table(implicit(profiles)));
    }
    let mut own = Table::new();
    own.decor_mut().set_prefix(
        "\n# of its own, so that the service can live inside the folder of another workspace\n",
    );
    manifest.insert("workspace", Item::Table(own));
    place_at_the_end(&mut manifest);
    Ok(manifest.to_string().trim_start().to_owned())
}

fn package(manifest: &mut DocumentMut, shared: &Table, name: &ServiceName) {
    let inherited = shared.get("package").and_then(Item::as_table);
    if let Some(package) = manifest.get_mut("package").and_then(Item::as_table_mut) {
        for key in NOT_INHERITED {
            package.remove(key);
        }
        let keys: Vec<String> = package.iter().map(|(key, _)| key.to_owned()).collect();
        for key in keys {
            let Some(item) = package.get_mut(&key) else {
                continue;
            };
            let value = inherited
                .and_then(|it| it.get(&key))
                .and_then(Item::as_value);
            if let (true, Some(value)) = (item.get("workspace").is_some(), value) {
                *item = plain(value.clone());
            }
        }
        set(package, "name", name.as_str());
    }
    if let Some(lib) = manifest.get_mut("lib").and_then(Item::as_table_mut) {
        set(lib, "name", &name.krate());
    }
    if let Some(bins) = manifest
        .get_mut("bin")
        .and_then(Item::as_array_of_tables_mut)
    {
        for bin in bins.iter_mut() {
            if bin.get("name").and_then(Item::as_str) == Some("shop") {
                set(bin, "name", name.as_str());
            }
        }
    }
}

/// Writes a value and keeps the comment behind it.
fn set(table: &mut Table, key: &str, text: &str) {
    if let Some(value) = table.get_mut(key).and_then(Item::as_value_mut) {
        let decor = value.decor().clone();
        *value = Value::from(text);
        *value.decor_mut() = decor;
    }
}

fn inherit(dependencies: &mut Table, shared: &Table, atlas: &AtlasSource) {
    let all = shared.get("dependencies").and_then(Item::as_table);
    for (key, item) in dependencies.iter_mut() {
        let own = item.as_table_like();
        if own.and_then(|it| it.get("workspace")).is_none() {
            continue;
        }
        let Some(pinned) = all.and_then(|it| it.get(key.get())) else {
            continue;
        };
        let features = own
            .and_then(|it| it.get("features"))
            .and_then(Item::as_array)
            .cloned();
        let optional = own
            .and_then(|it| it.get("optional"))
            .and_then(Item::as_bool);
        *item = plain(dependency(pinned, features, optional, atlas));
    }
}

/// A dependency as the workspace pins it, with the features of the shop on top.
fn dependency(
    pinned: &Item,
    features: Option<Array>,
    optional: Option<bool>,
    atlas: &AtlasSource,
) -> Value {
    let mut dependency = InlineTable::new();
    match pinned.as_table_like() {
        None => {
            if let Some(version) = pinned.as_str() {
                dependency.insert("version", version.into());
            }
        }
        Some(table) => {
            let text = |key: &str| table.get(key).and_then(Item::as_str);
            if let Some(package) = text("package") {
                dependency.insert("package", package.into());
            }
            match text("path") {
                Some(path) => atlas.point(&mut dependency, path),
                None => {
                    if let Some(version) = text("version") {
                        dependency.insert("version", version.into());
                    }
                }
            }
            if table.get("default-features").and_then(Item::as_bool) == Some(false) {
                dependency.insert("default-features", false.into());
            }
        }
    }
    let mut all: Vec<String> = Vec::new();
    let pinned = pinned.get("features").and_then(Item::as_array);
    for feature in pinned
        .into_iter()
        .chain(features.as_ref())
        .flat_map(Array::iter)
        .filter_map(Value::as_str)
    {
        if !all.iter().any(|it| it == feature) {
            all.push(feature.to_owned());
        }
    }
    if !all.is_empty() {
        dependency.insert("features", Value::Array(all.into_iter().collect()));
    }
    if optional == Some(true) {
        dependency.insert("optional", true.into());
    }
    match (
        dependency.len(),
        dependency.get("version").and_then(Value::as_str),
    ) {
        (1, Some(version)) => Value::from(version),
        _ => Value::InlineTable(dependency),
    }
}

/// A value without the blanks and comments of where it comes from.
fn plain(mut value: Value) -> Item {
    value.decor_mut().clear();
    Item::Value(value)
}

/// A table that shows only through the tables in it: `[lints.rust]` without `[lints]`.
fn implicit(table: &Table) -> Table {
    let mut table = table.clone();
    table.set_implicit(true);
    table.set_dotted(false);
    table
}

/// Tables stand in the order of their positions: the shop's own first, then lints, profiles and the workspace.
fn place_at_the_end(manifest: &mut DocumentMut) {
    let mut position = 1000;
    for key in ["lints", "profile", "workspace"] {
        if let Some(table) = manifest.get_mut(key).and_then(Item::as_table_mut) {
            place(table, &mut position);
        }
    }
}

fn place(table: &mut Table, position: &mut isize) {
    table.set_position(Some(*position));
    *position += 1;
    for (_, item) in table.iter_mut() {
        if let Some(table) = item.as_table_mut() {
            place(table, position);
        }
    }
}
