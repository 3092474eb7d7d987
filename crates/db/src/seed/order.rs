//! In which order seeds run.

use super::{
    Seed,
    definition::Source,
    records::{Fault, Library},
};

/// Puts each file of records behind those its records refer to, and leaves all else where it is.
///
/// The name with the fault is that of the seed it is in.
pub(super) fn by_reference<'a>(
    seeds: &[&'a Seed],
    library: &mut Library<'_>,
) -> Result<Vec<&'a Seed>, (&'static str, Fault)> {
    let mut waiting = Vec::with_capacity(seeds.len());
    for seed in seeds {
        let needs = match &seed.source {
            Source::Code(_) => Vec::new(),
            Source::Fixtures(records) => {
                let needs = library.needs(records).map_err(|fault| (seed.name, fault))?;
                let among = |name: &&str| seeds.iter().any(|it| it.name == *name);
                needs.into_iter().filter(among).collect()
            }
        };
        waiting.push((*seed, needs));
    }
    let mut ordered: Vec<&Seed> = Vec::with_capacity(seeds.len());
    while !waiting.is_empty() {
        let done = |name: &&str| ordered.iter().any(|it| it.name == *name);
        let next = waiting.iter().position(|(_, needs)| needs.iter().all(done));
        let Some(next) = next else {
            let (seed, needs) = &waiting[0];
            let problem = format!(
                "refers to records of `{}`, which refer to its own",
                needs.join("`, `")
            );
            let help = "none of them can be written first: put these records into one file";
            return Err((seed.name, Fault::reference(problem).help(help)));
        };
        ordered.push(waiting.remove(next).0);
    }
    Ok(ordered)
}
