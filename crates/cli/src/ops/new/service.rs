//! The files of a new service.

use super::{NewService, folder, lock, manifest};
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
    let manifest = manifest::make(
        text(SHOP, "Cargo.toml")?,
        workspace,
        &new.name,
        &new.atlas,
        new.database,
    )?;
    plan.write("Cargo.toml", rename_description(&manifest, &rename))?;
    if let Some(lock) = lock::of(&new.atlas) {
        plan.write("Cargo.lock", lock)?;
    }
    for path in SHARED {
        plan.write(path, text(WORKSPACE, path)?)?;
    }
    let mut catalog = Record::new(vec!["catalog".to_owned()]);
    for file in SHOP.iter().filter(|file| file.path != "Cargo.toml") {
        let (path, bytes) = (renamed_path(file.path, new), renamed(file, &rename, new));
        if is_of_catalog(file) {
            catalog.note(&path, &bytes);
        }
        if let Some(migration) = file.path.strip_suffix("_create_products.rs") {
            let folder = migration.rfind('/').map_or(0, |at| at + 1);
            catalog.migration = Some(format!("{}_create_products", &migration[folder..]));
        }
        plan.write(&path, bytes)?;
    }
    let record = catalog.to_toml(
        &format!("atlas new {}", new.name),
        "atlas destroy module catalog",
    );
    plan.write(&Record::path("module", "catalog"), record)?;
    Ok(plan)
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
fn renamed(file: &File, rename: &Rename, new: &NewService) -> Vec<u8> {
    let is_data = file.path.starts_with("seeds/");
    match std::str::from_utf8(file.bytes) {
        Ok(text) if file.path.ends_with(".rs") => {
            let renamed = rename.rust(text);
            // a name of another length makes lines break elsewhere
            match renamed == text {
                true => renamed.into_bytes(),
                false => format::rust(renamed, &new.folder).into_bytes(),
            }
        }
        Ok(text) if !is_data => {
            let renamed = rename.text(text);
            let configured = new.database.configure(file.path, renamed, &new.name);
            configured.into_bytes()
        }
        _ => file.bytes.to_vec(),
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
