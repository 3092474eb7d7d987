//! Crates stand on floors, and arrows go only downward: never up, never sideways.

use anyhow::{Context, Result};
use serde_json::Value;

use super::Finding;
use crate::shell;

/// The floor of each package, and the highest floor it may use.
const FLOORS: [Floor; 14] = [
    Floor {
        package: "atlas-kit-core",
        floor: 0,
        may_use: None,
    },
    Floor {
        package: "atlas-kit-macros",
        floor: 0,
        may_use: None,
    },
    Floor {
        package: "atlas-kit-schema",
        floor: 0,
        may_use: None,
    },
    Floor {
        package: "atlas-kit-servers",
        floor: 0,
        may_use: None,
    },
    Floor {
        package: "atlas-kit-config",
        floor: 1,
        may_use: Some(0),
    },
    Floor {
        package: "atlas-kit-telemetry",
        floor: 2,
        may_use: Some(1),
    },
    Floor {
        package: "atlas-kit-db",
        floor: 2,
        may_use: Some(1),
    },
    Floor {
        package: "atlas-kit-redis",
        floor: 2,
        may_use: Some(1),
    },
    Floor {
        package: "atlas-kit-http",
        floor: 3,
        may_use: Some(2),
    },
    Floor {
        package: "atlas-kit-jobs",
        floor: 3,
        may_use: Some(2),
    },
    Floor {
        package: "atlas-kit",
        floor: 5,
        may_use: Some(4),
    },
    Floor {
        package: "atlas-kit-test",
        floor: 6,
        may_use: Some(5),
    },
    Floor {
        package: "atlas-kit-cli",
        floor: 6,
        may_use: Some(1),
    },
    Floor {
        package: "xtask",
        floor: 7,
        may_use: None,
    },
];

struct Floor {
    package: &'static str,
    floor: u8,
    may_use: Option<u8>,
}

/// A package of the workspace and what it depends on, tests aside.
#[derive(Debug)]
pub(super) struct Package {
    name: String,
    dependencies: Vec<String>,
}

/// Reads the workspace's packages from `cargo metadata`.
pub(super) fn workspace() -> Result<Vec<Package>> {
    let text = shell::output(&mut shell::cargo([
        "metadata",
        "--format-version",
        "1",
        "--no-deps",
        "--locked",
    ]))?;
    let metadata: Value =
        serde_json::from_str(&text).context("`cargo metadata` printed no JSON")?;
    let packages = metadata["packages"]
        .as_array()
        .context("`packages` is missing")?;
    packages.iter().map(package).collect()
}

fn package(json: &Value) -> Result<Package> {
    let name = json["name"].as_str().context("a package without a name")?;
    let dependencies = json["dependencies"].as_array().context("no dependencies")?;
    Ok(Package {
        name: name.to_owned(),
        dependencies: dependencies
            .iter()
            // Tests may look up: a crate's tests may boot the facade.
            .filter(|dependency| dependency["kind"] != "dev")
            .filter_map(|dependency| dependency["name"].as_str())
            .map(str::to_owned)
            .collect(),
    })
}

/// Says every arrow that does not go down.
pub(super) fn check(packages: &[Package]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in packages {
        let Some(from) = floor_of(&package.name) else {
            if package.name.starts_with("atlas-kit") {
                findings.push(Finding::new(
                    &package.name,
                    "stands on no floor: give it one in `xtask/src/tidy/floors.rs` and `ARCHITECTURE.md`",
                ));
            }
            continue;
        };
        for name in &package.dependencies {
            let Some(to) = floor_of(name) else { continue };
            let allowed = from.may_use.is_some_and(|highest| to.floor <= highest);
            if !allowed {
                findings.push(Finding::new(
                    &package.name,
                    format!(
                        "floor {} may not use `{name}` on floor {}: arrows go only downward",
                        from.floor, to.floor
                    ),
                ));
            }
        }
    }
    findings
}

fn floor_of(package: &str) -> Option<&'static Floor> {
    FLOORS.iter().find(|floor| floor.package == package)
}

#[cfg(test)]
mod tests {
    use super::{Package, check};

    fn package(name: &str, dependencies: &[&str]) -> Package {
        Package {
            name: name.to_owned(),
            dependencies: dependencies.iter().map(|it| (*it).to_owned()).collect(),
        }
    }

    fn texts(packages: &[Package]) -> Vec<String> {
        check(packages)
            .into_iter()
            .map(|finding| finding.text)
            .collect()
    }

    #[test]
    fn an_arrow_downward_is_fine() {
        assert!(texts(&[package("atlas-kit-http", &["atlas-kit-core", "tokio"])]).is_empty());
    }

    #[test]
    fn an_arrow_upward_is_a_finding() {
        let found = texts(&[package("atlas-kit-config", &["atlas-kit-http"])]);
        assert_eq!(
            found,
            ["floor 1 may not use `atlas-kit-http` on floor 3: arrows go only downward"]
        );
    }

    #[test]
    fn an_arrow_sideways_is_a_finding() {
        assert_eq!(
            texts(&[package("atlas-kit-db", &["atlas-kit-telemetry"])]).len(),
            1
        );
    }

    #[test]
    fn the_command_line_tool_uses_no_capability() {
        assert_eq!(
            texts(&[package("atlas-kit-cli", &["atlas-kit-http"])]).len(),
            1
        );
        assert!(texts(&[package("atlas-kit-cli", &["atlas-kit-config"])]).is_empty());
    }

    #[test]
    fn a_crate_without_a_floor_is_a_finding() {
        assert_eq!(texts(&[package("atlas-kit-novelty", &[])]).len(), 1);
    }

    #[test]
    fn the_page_on_architecture_names_every_floor() {
        let page = std::fs::read_to_string(crate::shell::root().join("ARCHITECTURE.md")).unwrap();
        for floor in super::FLOORS
            .iter()
            .filter(|floor| floor.package != "xtask")
        {
            let line = format!("| {} | `{}` |", floor.floor, floor.package);
            assert!(page.contains(&line), "ARCHITECTURE.md lacks `{line}`");
        }
    }
}
