//! Factories, their seed, and the rows they create.

use std::process::Command;

use atlas::db::Engine;
use atlas::db::sea_orm::ActiveValue::Set;
use atlas::db::sea_orm::{ConnectionTrait, EntityTrait, QueryOrder, Schema};
use atlas_test::TestDatabase;
use atlas_test::factory::Factory;

use crate::database::{fresh, on_every_engine};

mod author {
    use atlas::db::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "authors")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(crate) id: i32,
        #[sea_orm(unique)]
        pub(crate) name: String,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod book {
    use atlas::db::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "books")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) isbn: String,
        pub(crate) title: String,
        pub(crate) pages: i32,
        pub(crate) sold_out: bool,
        pub(crate) author_id: i32,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

fn author() -> Factory<author::ActiveModel> {
    Factory::new(|draw| author::ActiveModel {
        name: Set(format!("{} {}", draw.word(), draw.sequence())),
        ..Default::default()
    })
}

fn book() -> Factory<book::ActiveModel> {
    let book = Factory::new(|draw| book::ActiveModel {
        isbn: Set(format!("978-{:06}", draw.sequence())),
        title: Set(draw.words(3)),
        pages: Set(draw.number(100..=900)),
        sold_out: Set(false),
        ..Default::default()
    });
    book.belongs_to(book::Column::AuthorId, author())
}

fn sold_out(book: &mut book::ActiveModel) {
    book.sold_out = Set(true);
}

async fn library(engine: Engine) -> Option<TestDatabase> {
    let test = fresh(engine, Vec::new()).await?;
    let schema = Schema::new(test.db().get_database_backend());
    for table in [
        schema.create_table_from_entity(author::Entity),
        schema.create_table_from_entity(book::Entity),
    ] {
        test.db().execute(&table).await.unwrap();
    }
    Some(test)
}

#[test]
fn every_object_has_a_number_of_its_own_whichever_factory_made_it() {
    let numbers = || Factory::new(|draw| draw.sequence());
    let mut all = numbers().build_many(3);
    all.push(numbers().build());
    assert_eq!(all, [1, 2, 3, 4]);
    let of_another_type = Factory::new(|draw| draw.sequence().to_string());
    assert_eq!(of_another_type.build(), "1");
}

#[test]
fn a_test_has_the_last_word_over_states_and_these_over_the_definition() {
    let count = Factory::new(|_| vec!["definition"]);
    let made = count
        .with(|it| it.push("test"))
        .state(|it| it.push("one state"))
        .state(|it| it.push("another"))
        .with_each(|it, draw| {
            let first = draw.sequence() == 1;
            it.push(if first { "first" } else { "later" });
        });
    assert_eq!(
        made.build(),
        ["definition", "one state", "another", "test", "first"]
    );
    assert_eq!(made.build()[4], "later");
}

#[test]
fn numbers_stay_in_their_range_and_reach_its_ends() {
    let dice = Factory::new(|draw| draw.number(1_u8..=6)).build_many(500);
    assert_eq!(dice.iter().min(), Some(&1));
    assert_eq!(dice.iter().max(), Some(&6));
    let halves = Factory::new(|draw| draw.number(-3_i64..0)).build_many(100);
    assert!(halves.iter().all(|it| (-3..0).contains(it)));
    let all = Factory::new(|draw| draw.number(i64::MIN..=i64::MAX)).build_many(20);
    assert!(all.iter().any(|it| *it < 0) && all.iter().any(|it| *it > 0));
    assert_eq!(
        Factory::new(|draw| (draw.chance(0), draw.chance(100))).build(),
        (false, true)
    );
}

#[test]
#[should_panic(expected = "no number can be drawn from 6..6")]
fn an_empty_range_is_refused() {
    let _ = Factory::new(|draw| draw.number(6_i32..6)).build();
}

on_every_engine! {
async fn a_row_is_created_with_its_parent_and_built_without(engine: Engine) {
    let Some(test) = library(engine).await else { return };
    let db = test.db();
    let created = book().state(sold_out).create(db).await;
    assert!(created.sold_out);
    let found = author::Entity::find_by_id(created.author_id).one(db).await;
    assert!(found.unwrap().is_some());

    let built = book().build();
    assert!(built.author_id.is_not_set());
    assert_eq!(author::Entity::find().all(db).await.unwrap().len(), 1);
}

async fn rows_may_share_a_parent_that_a_test_has_made(engine: Engine) {
    let Some(test) = library(engine).await else { return };
    let db = test.db();
    let ito = author()
        .with(|it| it.name = Set("Ito".to_owned()))
        .create(db)
        .await;
    let id = ito.id;
    let books = book()
        .with(move |it| it.author_id = Set(id))
        .create_many(db, 5)
        .await;
    assert!(books.iter().all(|it| it.author_id == id));
    assert_eq!(author::Entity::find().all(db).await.unwrap(), [ito]);
}

async fn a_row_is_created_with_children(engine: Engine) {
    let Some(test) = library(engine).await else { return };
    let db = test.db();
    let author = author()
        .has_many(3, book().state(sold_out), book::Column::AuthorId)
        .create(db)
        .await;
    let books = book::Entity::find()
        .order_by_asc(book::Column::Isbn)
        .all(db)
        .await
        .unwrap();
    let isbns: Vec<&str> = books.iter().map(|it| it.isbn.as_str()).collect();
    assert_eq!(isbns, ["978-000001", "978-000002", "978-000003"]);
    assert!(
        books
            .iter()
            .all(|it| it.author_id == author.id && it.sold_out)
    );
}

async fn rows_belong_to_the_transaction_they_are_created_in(engine: Engine) {
    let Some(test) = library(engine).await else { return };
    let db = test.db();
    let undone: Result<(), atlas::db::Error> = db
        .transaction(|| async {
            book().create(db).await;
            Err(atlas::db::sea_orm::DbErr::Custom("undone".to_owned()).into())
        })
        .await;
    undone.unwrap_err();
    assert!(book::Entity::find().all(db).await.unwrap().is_empty());
    assert!(author::Entity::find().all(db).await.unwrap().is_empty());
}


async fn a_row_that_is_refused_fails_the_test_with_the_words_of_the_database(engine: Engine) {
    let Some(test) = library(engine).await else { return };
    let db = test.db().clone();
    let twice = async move {
        let ito = author().with(|it| it.name = Set("Ito".to_owned()));
        ito.create_many(&db, 2).await;
    };
    let panicked = tokio::spawn(twice).await.unwrap_err().into_panic();
    let words = panicked.downcast_ref::<String>().unwrap();
    assert!(words.starts_with("the row could not be created: "), "{words}");
    assert!(words.contains("factories.rs") && words.contains("Ito"), "{words}");
}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_of_a_test_share_its_numbers() {
    let make = || async { Factory::new(|draw| draw.sequence()).build_many(50) };
    let (one, other) = tokio::join!(tokio::spawn(make()), tokio::spawn(make()));
    let mut all = [one.unwrap(), other.unwrap()].concat();
    all.sort_unstable();
    assert_eq!(all, (1..=100).collect::<Vec<u64>>());
}

/// Says what it drew, and fails when the tests below run it for that.
#[tokio::test]
#[allow(clippy::print_stdout, reason = "the test below reads it")]
async fn a_test_that_draws() {
    println!("drew {:?}", Factory::new(|draw| draw.letters(30)).build());
    println!(
        "drew {:?}",
        Factory::new(|draw| draw.number(0_i32..=i32::MAX)).build_many(3)
    );
    assert!(std::env::var_os("ATLAS_TEST_FAIL").is_none());
}

/// The output of the test above.
fn run(seed: Option<&str>, fail: bool) -> (bool, String) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "factories::a_test_that_draws"])
        .env_remove("ATLAS_TEST_SEED")
        .env_remove("ATLAS_TEST_FAIL")
        .env_remove("RUST_TEST_NOCAPTURE");
    if let Some(seed) = seed {
        command.env("ATLAS_TEST_SEED", seed);
    }
    if fail {
        command.env("ATLAS_TEST_FAIL", "1");
    }
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

fn drawn(text: &str) -> Vec<&str> {
    text.lines()
        .filter(|line| line.starts_with("drew "))
        .collect()
}

#[test]
fn a_test_that_fails_shows_its_seed_which_draws_the_same_values_again() {
    let (passed, first) = run(None, true);
    assert!(!passed, "{first}");
    let (_, rest) = first.split_once("ATLAS_TEST_SEED=").expect(&first);
    let (seed, _) = rest.split_once(' ').unwrap();
    let (_, again) = run(Some(seed), true);
    assert_eq!(drawn(&first).len(), 2, "{first}");
    assert_eq!(drawn(&first), drawn(&again));
    let (_, other) = run(None, true);
    assert_ne!(drawn(&first), drawn(&other));
}

#[test]
fn a_test_that_passes_says_nothing_of_its_seed() {
    let (passed, text) = run(None, false);
    assert!(passed, "{text}");
    assert!(!text.contains("ATLAS_TEST_SEED"), "{text}");
}

#[test]
fn a_seed_that_is_no_number_is_refused() {
    let (passed, text) = run(Some("tea"), false);
    assert!(!passed);
    assert!(text.contains("ATLAS_TEST_SEED is not a number"), "{text}");
}
