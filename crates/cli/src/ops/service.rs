//! The service project a command is called in, and its own binary.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

use crate::{Error, Exit, OrFail, Result, ops::cargo};

/// A package that is an Atlas service.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Project {
    /// The folder of its `Cargo.toml`.
    pub root: PathBuf,
    /// The package's name.
    pub name: String,
    /// The binary that is the service.
    pub binary: String,
}

impl Project {
    /// The service that `directory` is in: the nearest `Cargo.toml` upwards that depends on `atlas-kit`
    /// or has a table `[package.metadata.atlas]`.
    ///
    /// # Errors
    /// When a `Cargo.toml` on the way cannot be read or is no TOML.
    pub fn find(directory: &Path) -> Result<Option<Self>> {
        for folder in directory.ancestors() {
            let manifest = folder.join("Cargo.toml");
            if !manifest.is_file() {
                continue;
            }
            let text = std::fs::read_to_string(&manifest)
                .or_fail(|| format!("cannot read `{}`", manifest.display()))?;
            let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
                Error::new("`Cargo.toml` is not valid TOML")
                    .exit(Exit::Data)
                    .place(manifest.display())
                    .source(error)
            })?;
            if let Some(project) = Self::from_manifest(folder, &table) {
                return Ok(Some(project));
            }
        }
        Ok(None)
    }

    /// As [`find`](Self::find), for commands that make no sense elsewhere.
    ///
    /// # Errors
    /// When `directory` is in no service.
    pub fn require(directory: &Path) -> Result<Self> {
        Self::find(directory)?.ok_or_else(|| {
            Error::usage(format!("`{}` is not in a service", directory.display()))
                .help("go to the folder of a service (its `Cargo.toml` depends on `atlas-kit`), or name it: `atlas -C FOLDER …`")
                .help("create a service: `atlas new shop`")
        })
    }

    fn from_manifest(root: &Path, manifest: &toml::Table) -> Option<Self> {
        let package = manifest.get("package")?.as_table()?;
        let name = package.get("name")?.as_str()?.to_owned();
        let marked = package
            .get("metadata")
            .and_then(|metadata| metadata.get("atlas"));
        let depends = manifest
            .get("dependencies")
            .and_then(toml::Value::as_table)
            .is_some_and(|dependencies| {
                dependencies.iter().any(|(key, value)| {
                    let package = value.get("package").and_then(toml::Value::as_str);
                    key == "atlas-kit"
                        || package == Some("atlas-kit")
                        || key == "atlas"
                            && value.get("workspace").and_then(toml::Value::as_bool) == Some(true)
                })
            });
        if marked.is_none() && !depends {
            return None;
        }
        let named = |value: Option<&toml::Value>| {
            value.and_then(toml::Value::as_str).map(ToOwned::to_owned)
        };
        let bins = manifest
            .get("bin")
            .and_then(toml::Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let only = match bins {
            [one] => named(one.get("name")),
            _ => None,
        };
        let binary = named(package.get("default-run"))
            .or(only)
            .unwrap_or_else(|| name.clone());
        Some(Self {
            root: root.to_owned(),
            name,
            binary,
        })
    }
}

/// Builds the service's binary if need be and becomes it, with `arguments`.
///
/// # Errors
/// When cargo cannot be started; otherwise it does not come back.
pub fn become_it(project: &Project, arguments: &[&OsStr]) -> Error {
    let mut command = cargo::command(&project.root);
    command
        .args(["run", "--quiet", "--bin", &project.binary, "--"])
        .args(arguments);
    cargo::become_it(command)
}
