//! The files of a new service.

use super::{NewService, folder, lock, manifest, part};
use crate::{
    Error, Exit, Result,
    ops::{
        change::Plan,
        format,
        generate::Record,
        template::{File, Rename, SHOP, WORKSPACE},
    },
};

/// Files of the workspace that every service has a copy of.
const SHARED: &[&str] = &["clippy.toml", "rust-toolchain.toml"];

/// Plans all files of the service.
///
/// # Errors
/// When its folder is not empty.
pub fn plan(new: &NewService) -> Result<Plan> {
    folder::must_be_free(&new.folder)?;
    files(new)
}

/// Plans all files of the service, whatever the folder holds.
pub(crate) fn files(new: &NewService) -> Result<Plan> {
    let rename = Rename::new("shop", new.name.as_str()).proper(new.name.as_str());
    let mut plan = Plan::new(&new.folder);
    let text = |files: &[File], path: &str| {
        File::text(files, path).ok_or_else(|| {
            Error::new(format!("this program lacks the template `{path}`")).exit(Exit::Internal)
        })
    };
    let workspace = text(WORKSPACE, "Cargo.toml")?;
    let manifest = manifest::make(text(SHOP, "Cargo.toml")?, workspace, new)?;
    plan.write("Cargo.toml", rename_description(&manifest, &rename))?;
    if let Some(lock) = lock::of(&new.atlas) {
        plan.write("Cargo.lock", lock)?;
    }
    for path in SHARED {
        plan.write(path, text(WORKSPACE, path)?)?;
    }
    let mut catalog = Record::new(vec!["catalog".to_owned()]);
    let mut orders = Record::new(vec!["orders".to_owned()]);
    for file in SHOP.iter().filter(|file| file.path != "Cargo.toml") {
        let Some(bytes) = part::bytes(file, &new.parts)? else {
            continue;
        };
        let path = renamed_path(file.path, new);
        let bytes = renamed(file.path, bytes, &rename, new);
        let feature = match part::is_of_orders(file.path) {
            true => Some(&mut orders),
            false => Some(&mut catalog).filter(|_| is_of_catalog(file)),
        };
        if let Some(feature) = feature {
            feature.note(&path, &bytes);
            feature.migration = migration(file.path).or(feature.migration.take());
        }
        plan.write(&path, bytes)?;
    }
    for (name, record) in [("catalog", catalog), ("orders", orders)] {
        if record.files.is_empty() {
            continue;
        }
        let record = record.to_toml(
            &format!("atlas new {}", new.name),
            &format!("atlas destroy module {name}"),
        );
        plan.write(&Record::path("module", name), record)?;
    }
    Ok(plan)
}

/// The name of the migration in this file, if it is one.
fn migration(path: &str) -> Option<String> {
    let file = path.strip_prefix("src/migrations/")?.strip_suffix(".rs")?;
    (file != "mod").then(|| file.to_owned())
}

/// What goes with the feature that every new service begins with: its folder, its table, its rows, and the tests that
/// speak of it.
fn is_of_catalog(file: &File) -> bool {
    let path = file.path;
    let speaks_of_it =
        || std::str::from_utf8(file.bytes).is_ok_and(|text| text.contains("product"));
    path.starts_with("src/catalog/")
        || path.starts_with("seeds/")
        || path.ends_with("_create_products.rs")
        || path.starts_with("tests/it/") && speaks_of_it()
}

/// The bytes of a file under its new name: seeds and other data stay as they are.
fn renamed(path: &str, bytes: Vec<u8>, rename: &Rename, new: &NewService) -> Vec<u8> {
    let is_data = path.starts_with("seeds/");
    match std::str::from_utf8(&bytes) {
        Ok(text) if path.ends_with(".rs") => {
            let renamed = rename.rust(text);
            // a name of another length makes lines break elsewhere
            match renamed == text {
                true => renamed.into_bytes(),
                false => format::rust(renamed, &new.folder).into_bytes(),
            }
        }
        Ok(text) if !is_data => {
            let renamed = rename.text(text);
            let configured = new.database.configure(path, renamed, &new.name);
            configured.into_bytes()
        }
        _ => bytes,
    }
}

fn renamed_path(path: &str, new: &NewService) -> String {
    path.split('/')
        .map(|part| match part.split_once('.') {
            Some(("shop", rest)) => format!("{}.{rest}", new.name.krate()),
            None if part == "shop" => new.name.krate(),
            _ => part.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("/")
}

/// The description is prose about the shop; every other line is code.
fn rename_description(manifest: &str, rename: &Rename) -> String {
    manifest
        .split_inclusive('\n')
        .map(|line| match line.starts_with("description") {
            true => rename.text(line),
            false => line.to_owned(),
        })
        .collect()
}
