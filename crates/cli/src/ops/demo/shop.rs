//! Where the shop of the demo is, and how it gets there.

use std::path::{Path, PathBuf};

use crate::{
    OrFail, Result,
    ops::{
        change::{Answer, Plan},
        names::ServiceName,
        new::{self, AtlasSource, Database, NewService},
    },
};

/// A shop that is generated anew for every demo.
#[derive(Clone, Debug)]
pub struct Demo {
    service: NewService,
    target: PathBuf,
}

impl Demo {
    /// The demo of this program: in the checkout it was built from, under `target/demo`, where it shares what cargo
    /// has built already; without a checkout, in the folder for temporary files.
    ///
    /// # Errors
    /// Never in practice: the name of the shop is a good one.
    pub fn of_this_program() -> Result<Self> {
        let atlas = AtlasSource::default_source();
        let target = match (std::env::var_os("CARGO_TARGET_DIR"), atlas.folder()) {
            (Some(target), _) => {
                std::path::absolute(&target).or_fail(|| "`CARGO_TARGET_DIR` is no path")?
            }
            (None, Some(checkout)) => checkout.join("target"),
            (None, None) => std::env::temp_dir().join("atlas-demo"),
        };
        let service = NewService {
            database: Database::default(),
            parts: Vec::new(),
            name: ServiceName::parse("shop")?,
            folder: target.join("demo/shop"),
            atlas,
        };
        Ok(Self { service, target })
    }

    /// The folder of the shop.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.service.folder
    }

    /// Where cargo builds it.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Generates the shop: files that are as they should be stay, others are replaced, its data begin anew.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self) -> Result<Plan> {
        let mut plan = new::files(&self.service)?;
        plan.decide(|_| Ok(Answer::All))?;
        plan.apply()?;
        let data = self.folder().join("data");
        match std::fs::remove_dir_all(&data) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).or_fail(|| format!("cannot remove `{}`", data.display()))?;
            }
            _ => {}
        }
        Ok(plan)
    }
}
