//! One of many: the English singular.

/// Plurals that no rule gives.
const IRREGULAR: &[(&str, &str)] = &[
    ("addresses", "address"),
    ("aliases", "alias"),
    ("analyses", "analysis"),
    ("bonuses", "bonus"),
    ("buses", "bus"),
    ("campuses", "campus"),
    ("caches", "cache"),
    ("calves", "calf"),
    ("children", "child"),
    ("cookies", "cookie"),
    ("criteria", "criterion"),
    ("diagnoses", "diagnosis"),
    ("feet", "foot"),
    ("geese", "goose"),
    ("halves", "half"),
    ("indexes", "index"),
    ("indices", "index"),
    ("knives", "knife"),
    ("leaves", "leaf"),
    ("lives", "life"),
    ("matrices", "matrix"),
    ("men", "man"),
    ("mice", "mouse"),
    ("movies", "movie"),
    ("people", "person"),
    ("quizzes", "quiz"),
    ("shelves", "shelf"),
    ("shoes", "shoe"),
    ("statuses", "status"),
    ("teeth", "tooth"),
    ("ties", "tie"),
    ("toes", "toe"),
    ("pies", "pie"),
    ("vertices", "vertex"),
    ("viruses", "virus"),
    ("wolves", "wolf"),
    ("women", "woman"),
    ("wives", "wife"),
];

/// The same in both numbers, or without a plural.
const UNCHANGED: &[&str] = &[
    "analytics",
    "equipment",
    "feedback",
    "fish",
    "information",
    "inventory",
    "logistics",
    "media",
    "metrics",
    "money",
    "news",
    "series",
    "sheep",
    "species",
    "stock",
    "traffic",
];

/// The singular of a lower-case English noun; a word that is none stays as it is.
///
/// `atlas generate module … --entity NAME` overrules it.
#[must_use]
pub fn singular(noun: &str) -> String {
    if UNCHANGED.contains(&noun) {
        return noun.to_owned();
    }
    if let Some((_, one)) = IRREGULAR.iter().find(|(many, _)| *many == noun) {
        return (*one).to_owned();
    }
    let ends = |endings: &[&str]| endings.iter().any(|ending| noun.ends_with(ending));
    let without = |count: usize| noun[..noun.len() - count].to_owned();
    if noun.len() > 4 && noun.ends_with("ies") {
        return without(3) + "y";
    }
    if ends(&["sses", "shes", "ches", "xes", "zzes", "oes"]) {
        return without(2);
    }
    if noun.len() > 2 && noun.ends_with('s') && !ends(&["ss", "us", "is"]) {
        return without(1);
    }
    noun.to_owned()
}

#[cfg(test)]
mod tests {
    use super::singular;

    #[test]
    fn plurals_become_singular_and_singulars_stay() {
        for (many, one) in [
            ("orders", "order"),
            ("categories", "category"),
            ("addresses", "address"),
            ("boxes", "box"),
            ("branches", "branch"),
            ("heroes", "hero"),
            ("cases", "case"),
            ("databases", "database"),
            ("people", "person"),
            ("statuses", "status"),
            ("news", "news"),
            ("series", "series"),
            ("order", "order"),
            ("address", "address"),
            ("status", "status"),
            ("analysis", "analysis"),
            ("movies", "movie"),
        ] {
            assert_eq!(singular(many), one, "{many}");
            assert_eq!(singular(one), one, "{one} is singular already");
        }
    }
}
