//! Lists: pages that neither repeat nor skip, and what is refused.

use atlas_http::page::{NumberedList, NumberedPage, Order, SortKey};
use atlas_http::{Routes, get};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::catalog::{Catalog, Money, NewProduct, routes};
use super::support::{Answer, Client};

fn add(catalog: &Catalog, name: &str, category: &str) -> Value {
    let price = Money {
        currency_code: "EUR".to_owned(),
        units: 1,
        nanos: 0,
    };
    let product = catalog.add(NewProduct {
        name: name.to_owned(),
        price,
        categories: vec![category.to_owned()],
    });
    serde_json::to_value(product.id).unwrap()
}

fn stocked(count: usize) -> (Catalog, Client) {
    let catalog = Catalog::default();
    for at in 0..count {
        // names repeat, so that only the tie-breaker tells them apart
        add(
            &catalog,
            &format!("tea {:02}", at % 7),
            if at % 2 == 0 { "even" } else { "odd" },
        );
    }
    let client = Client::new(routes(catalog.clone()));
    (catalog, client)
}

fn names_and_ids(page: &Value) -> Vec<(String, String)> {
    let items = page["items"].as_array().unwrap();
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    items
        .iter()
        .map(|it| (text(&it["name"]), text(&it["id"])))
        .collect()
}

/// The targets of a `Link` header by relation (RFC 8288).
fn links(answer: &Answer) -> Vec<(String, String)> {
    let header = answer.header("link");
    let parts = header.split(", ").filter(|it| !it.is_empty());
    parts
        .map(|part| {
            let (target, relation) = part.split_once("; ").unwrap();
            let target = target.strip_prefix('<').unwrap().strip_suffix('>').unwrap();
            let relation = relation
                .strip_prefix("rel=\"")
                .unwrap()
                .strip_suffix('"')
                .unwrap();
            (relation.to_owned(), target.to_owned())
        })
        .collect()
}

fn link(answer: &Answer, relation: &str) -> Option<String> {
    links(answer)
        .into_iter()
        .find(|(it, _)| it == relation)
        .map(|(_, target)| target)
}

#[tokio::test]
async fn following_the_links_shows_every_item_once_in_order() {
    let (_, client) = stocked(45);
    for (query, count) in [
        ("limit=7", 45),
        ("limit=7&sort=-name", 45),
        ("limit=4&sort=name,-id&category=even", 23),
        ("limit=45", 45),
        ("limit=50", 45),
    ] {
        let mut next = Some(format!("/products?{query}"));
        let mut seen = Vec::new();
        while let Some(uri) = next {
            let answer = client.get(&uri).await;
            let page = answer.json();
            seen.extend(names_and_ids(&page));
            assert_eq!(
                link(&answer, "first").unwrap(),
                format!(
                    "/products?{}",
                    query.replace("sort=name,-id", "sort=name%2C-id")
                )
            );
            next = link(&answer, "next");
            assert_eq!(next.is_some(), page["next_cursor"].is_string());
        }
        assert_eq!(seen.len(), count, "{query}");
        let mut sorted = seen.clone();
        if query.contains("sort=-name") {
            sorted.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
        } else if query.contains("sort=name") {
            sorted.sort_by(|one, other| one.0.cmp(&other.0).then(other.1.cmp(&one.1)));
        } else {
            sorted.sort_by(|one, other| one.1.cmp(&other.1));
        }
        assert_eq!(seen, sorted, "{query}");
        sorted.dedup();
        assert_eq!(sorted.len(), count, "{query}");
    }
}

#[tokio::test]
async fn following_the_links_backwards_shows_the_same_pages() {
    let (_, client) = stocked(45);
    for query in [
        "limit=7",
        "limit=7&sort=-name",
        "limit=4&sort=name,-id&category=even",
        "limit=44",
        "limit=1",
    ] {
        let mut forward = Vec::new();
        let mut next = Some(format!("/products?{query}"));
        let mut last = String::new();
        while let Some(uri) = next {
            let answer = client.get(&uri).await;
            forward.push(names_and_ids(&answer.json()));
            assert_eq!(
                link(&answer, "prev").is_some(),
                forward.len() > 1,
                "{query}"
            );
            next = link(&answer, "next");
            last = uri;
        }
        let mut back = vec![names_and_ids(&client.get(&last).await.json())];
        let mut previous = link(&client.get(&last).await, "prev");
        while let Some(uri) = previous {
            let answer = client.get(&uri).await;
            back.push(names_and_ids(&answer.json()));
            // and forward again from there
            let next = client.get(&link(&answer, "next").unwrap()).await;
            assert_eq!(names_and_ids(&next.json()), back[back.len() - 2], "{query}");
            previous = link(&answer, "prev");
        }
        back.reverse();
        assert_eq!(back, forward, "{query}");
    }
}

#[tokio::test]
async fn a_cursor_to_the_page_before_belongs_to_its_list_too() {
    let (_, client) = stocked(9);
    let second = link(&client.get("/products?limit=3").await, "next").unwrap();
    let back = link(&client.get(&second).await, "prev").unwrap();
    let (_, cursor) = back.split_once("cursor=").unwrap();
    assert_ne!(second.split_once("cursor=").unwrap().1, cursor);
    let other = client
        .get(&format!("/products?limit=3&sort=-name&cursor={cursor}"))
        .await;
    other.problem(400, "invalid_cursor");
}

#[tokio::test]
async fn rows_that_come_and_go_neither_repeat_nor_hide_others() {
    let (catalog, client) = stocked(30);
    let all = names_and_ids(&client.get("/products?limit=50&sort=name").await.json());
    let mut seen = Vec::new();
    let mut next = Some("/products?limit=5&sort=name".to_owned());
    let mut removed = Vec::new();
    while let Some(uri) = next {
        let answer = client.get(&uri).await;
        seen.extend(names_and_ids(&answer.json()));
        next = link(&answer, "next");
        // one row before the position, the one at the position, and one far behind go; some come on both sides
        let gone = [
            seen[seen.len() - 2].1.clone(),
            seen[seen.len() - 1].1.clone(),
            all[29].1.clone(),
        ];
        for id in gone {
            if catalog.remove(id.parse().unwrap()).is_ok() {
                removed.push(id);
            }
        }
        add(&catalog, "tea 00", "new");
        add(&catalog, "zzz", "new");
        if seen.len() > 200 {
            panic!("the list does not end");
        }
        if next.is_some() && uri.contains("cursor") && seen.len() >= 30 {
            break;
        }
    }
    let mut ids: Vec<_> = seen.iter().map(|it| &it.1).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), seen.len(), "an item was shown twice");
    let hidden: Vec<_> = all
        .iter()
        .filter(|it| !seen.contains(it) && !removed.contains(&it.1))
        .collect();
    assert_eq!(
        hidden,
        Vec::<&(String, String)>::new(),
        "an item was skipped"
    );
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_only() {
    let (_, client) = stocked(20);
    let page = client
        .get("/products?limit=3&sort=name&category=even")
        .await
        .json();
    let cursor = page["next_cursor"].as_str().unwrap();
    assert!(
        cursor
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it))
    );
    for (query, sound) in [
        ("sort=name&category=even", true),
        ("category=even&sort=name&limit=9", true),
        ("sort=name,id&category=even", true),
        ("sort=-name&category=even", false),
        ("sort=id&category=even", false),
        ("category=even", false),
        ("sort=name&category=odd", false),
        ("sort=name", false),
        ("sort=name&category=even&q=tea", false),
    ] {
        let answer = client
            .get(&format!("/products?{query}&cursor={cursor}"))
            .await;
        if sound {
            assert_eq!(answer.status, 200, "{query}");
        } else {
            answer.problem(400, "invalid_cursor");
            assert_eq!(answer.faults(), ["query:cursor cursor"]);
        }
    }
}

#[tokio::test]
async fn an_altered_cursor_is_refused() {
    let (_, client) = stocked(20);
    let page = client.get("/products?limit=3").await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let mut altered: Vec<String> = (0..cursor.len())
        .map(|at| {
            let other = if &cursor[at..=at] == "A" { "B" } else { "A" };
            format!("{}{other}{}", &cursor[..at], &cursor[at + 1..])
        })
        .collect();
    altered.extend([
        "".to_owned(),
        "x".to_owned(),
        "!!".to_owned(),
        format!("{cursor}A"),
        cursor[1..].to_owned(),
    ]);
    for cursor in altered {
        let answer = client
            .get(&format!("/products?limit=3&cursor={cursor}"))
            .await;
        answer.problem(400, "invalid_cursor");
    }
}

#[tokio::test]
async fn the_size_of_a_page_has_a_default_and_a_maximum() {
    let (_, client) = stocked(60);
    for (query, count) in [
        ("", 20),
        ("limit=1", 1),
        ("limit=50", 50),
        ("limit=51", 50),
        ("limit=99999999999999999999", 50),
    ] {
        let page = client.get(&format!("/products?{query}")).await.json();
        assert_eq!(page["items"].as_array().unwrap().len(), count, "{query}");
    }
    for (query, code) in [
        ("limit=0", "minimum"),
        ("limit=-1", "minimum"),
        ("limit=ten", "type"),
        ("limit=1.5", "type"),
        ("limit=", "type"),
    ] {
        let answer = client.get(&format!("/products?{query}")).await;
        answer.problem(422, "invalid");
        assert_eq!(answer.faults(), [format!("query:limit {code}")], "{query}");
    }
}

#[tokio::test]
async fn only_what_is_allowed_can_be_filtered_and_ordered_by() {
    let (_, client) = stocked(3);
    for (query, faults) in [
        ("sort=prize", vec!["query:sort unknown"]),
        (
            "sort=nmae,-x",
            vec!["query:sort unknown", "query:sort unknown"],
        ),
        ("sort=--name", vec!["query:sort unknown"]),
        ("sort=", vec!["query:sort unknown"]),
        ("sort=name;drop table products", vec!["query:sort unknown"]),
        (
            "color=red&sort=x",
            vec!["query:color unknown", "query:sort unknown"],
        ),
        ("filter[price]=1", vec!["query:filter[price] unknown"]),
    ] {
        let answer = client
            .get(&format!("/products?{}", query.replace(' ', "%20")))
            .await;
        assert_eq!(answer.status, 400, "{query}");
        assert_eq!(answer.faults(), faults, "{query}");
    }
    let answer = client.get("/products?sort=nmae").await.json();
    let message = answer["errors"][0]["message"].as_str().unwrap();
    assert_eq!(
        message,
        "cannot be ordered by this; did you mean `name`? there are `name`, `id`, each with `-` for descending"
    );
    let answer = client.get("/products?colour=red").await.json();
    let message = answer["errors"][0]["message"].as_str().unwrap();
    assert!(
        message.ends_with("there are `category`, `q`, `limit`, `sort`, `cursor`"),
        "{message}"
    );
    let answer = client.get("/products?category=&limit=x&limit=1").await;
    assert_eq!(
        answer.faults(),
        ["query:category min_length", "query:limit duplicate"]
    );
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum ByNumber {
    Number,
}

impl SortKey for ByNumber {
    const UNIQUE: Self = Self::Number;
    const DEFAULT_LIMIT: u32 = 4;

    fn default_order() -> Vec<Order<Self>> {
        vec![Order::descending(Self::Number)]
    }
}

async fn numbers(list: NumberedList<ByNumber>) -> NumberedPage<u64> {
    let all: Vec<u64> = if list.order()[0].descending {
        (0..10).rev().collect()
    } else {
        (0..10).collect()
    };
    let rows = all
        .into_iter()
        .skip(list.offset() as usize)
        .take(list.fetch() as usize);
    list.page(rows.collect(), Some(10), |it| it)
}

#[tokio::test]
async fn numbered_pages_know_their_neighbours() {
    let client = Client::new(Routes::new("/numbers").route("/", get(numbers)));
    let relations = |answer: &Answer| {
        links(answer)
            .into_iter()
            .map(|(relation, target)| format!("{relation} {target}"))
            .collect::<Vec<_>>()
    };
    let first = client.get("/numbers").await;
    assert_eq!(
        first.json(),
        serde_json::json!({ "items": [9, 8, 7, 6], "page": 1, "limit": 4, "total": 10 })
    );
    assert_eq!(
        relations(&first),
        [
            "next /numbers?page=2",
            "first /numbers?page=1",
            "last /numbers?page=3"
        ]
    );
    let last = client.get("/numbers?page=3&sort=number").await;
    assert_eq!(last.json()["items"], serde_json::json!([8, 9]));
    assert_eq!(
        relations(&last),
        [
            "prev /numbers?sort=number&page=2",
            "first /numbers?sort=number&page=1",
            "last /numbers?sort=number&page=3"
        ]
    );
    let beyond = client.get("/numbers?page=99999999999&limit=100").await;
    assert_eq!(beyond.json()["items"], serde_json::json!([]));
    let wrong = client.get("/numbers?page=0").await;
    wrong.problem(422, "invalid");
    assert_eq!(wrong.faults(), ["query:page minimum"]);
    client
        .get("/numbers?cursor=x")
        .await
        .problem(400, "unknown_parameter");
}
