//! Names for operations, made from what is there: the handler's name, the tag, the path.

use std::collections::HashMap;

use crate::routes::Operation;

/// The `operationId` of each operation, all different: tag and handler, then also method and path where those are not
/// enough.
pub(super) fn ids(operations: &[&Operation]) -> Vec<String> {
    let first: Vec<String> = operations.iter().map(|it| short_id(it)).collect();
    let mut count: HashMap<&str, usize> = HashMap::new();
    for id in &first {
        *count.entry(id).or_default() += 1;
    }
    operations
        .iter()
        .zip(&first)
        .map(|(operation, id)| {
            if count[id.as_str()] == 1 {
                return id.clone();
            }
            let path = words(&operation.path).join("_");
            let method = operation.method.as_str().to_lowercase();
            format!("{id}_{method}_{path}")
        })
        .collect()
}

/// `catalog_show` for the handler `show` in the group `catalog`.
fn short_id(operation: &Operation) -> String {
    if let Some(id) = &operation.id {
        return id.to_string();
    }
    let name = function(operation);
    let group = match &operation.tag {
        Some(tag) => words(tag).join("_"),
        None => resource(operation).unwrap_or_default(),
    };
    let told = words(&name).iter().any(|word| words(&group).contains(word));
    if group.is_empty() || told {
        name
    } else {
        format!("{group}_{name}")
    }
}

/// The summary: what was said, else the handler's name in words: `create_product` is "Create product", and `show` under
/// `/products/{id}` is "Show product".
pub(super) fn summary(operation: &Operation) -> String {
    if let Some(summary) = &operation.summary {
        return summary.to_string();
    }
    let mut words: Vec<String> = words(&function(operation));
    if words.len() == 1
        && let Some(resource) = resource(operation)
    {
        let many = words[0] == "list" || words[0] == "search";
        words.push(if many { resource } else { singular(&resource) });
    }
    let mut text = words.join(" ").replace('_', " ");
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// `not_found` as `NotFound`.
pub(super) fn pascal(name: &str) -> String {
    words(name)
        .iter()
        .map(|word| {
            let mut word = word.clone();
            if let Some(first) = word.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            word
        })
        .collect()
}

/// The handler's own name; a closure has none, and is called by its method.
fn function(operation: &Operation) -> String {
    let path = operation.handler.split('<').next().unwrap_or_default();
    match path.rsplit("::").next() {
        Some(name) if !name.is_empty() && !name.contains('{') => name.to_owned(),
        _ => operation.method.as_str().to_lowercase(),
    }
}

/// The last fixed part of the path.
fn resource(operation: &Operation) -> Option<String> {
    let segments = operation.path.rsplit('/');
    let fixed = segments.filter(|it| !it.is_empty() && !it.contains('{'));
    fixed.map(|it| words(it).join("_")).next()
}

fn singular(noun: &str) -> String {
    if let Some(stem) = noun.strip_suffix("ies") {
        return format!("{stem}y");
    }
    let hissing = ["sses", "shes", "ches", "xes", "zes"];
    if hissing.iter().any(|it| noun.ends_with(it)) {
        return noun[..noun.len() - 2].to_owned();
    }
    match noun.strip_suffix('s') {
        Some(stem) if !stem.ends_with(['s', 'u', 'i']) => stem.to_owned(),
        _ => noun.to_owned(),
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(|it: char| !it.is_ascii_alphanumeric())
        .filter(|it| !it.is_empty())
        .map(str::to_ascii_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::singular;

    #[test]
    fn nouns_lose_their_plural() {
        for (many, one) in [
            ("products", "product"),
            ("categories", "category"),
            ("boxes", "box"),
            ("addresses", "address"),
            ("status", "status"),
            ("news", "new"),
            ("stock", "stock"),
            ("houses", "house"),
        ] {
            assert_eq!(singular(many), one);
        }
    }
}
