//! Seeds in files: records, their references and their order.

use std::sync::{Arc, Mutex};

use atlas_config::Profile::{Production, Test};
use atlas_core::Diagnostic;
use atlas_db::{
    Db, Fixtures, Seed, Seeds,
    sea_orm::{
        ConnectionTrait, EntityTrait, QueryOrder, Schema,
        prelude::{ChronoDate, ChronoDateTimeUtc},
    },
    seed::{Rows, SeedFile, Seeded, SeededTable},
};

use crate::support::{Place, engines::on_every_engine, golden};

mod category {
    use atlas_db::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "categories")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(crate) id: i32,
        #[sea_orm(unique)]
        pub(crate) slug: String,
        pub(crate) parent_id: Option<i32>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod product {
    use std::sync::atomic::{AtomicU64, Ordering};

    use atlas_db::sea_orm::{
        self, ActiveValue::Set, entity::prelude::*, prelude::async_trait::async_trait,
    };

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "products")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) maker: String,
        pub(crate) name: String,
        pub(crate) category_id: i32,
        pub(crate) category_slug: Option<String>,
        pub(crate) price: f64,
        pub(crate) stock: i16,
        pub(crate) sold_out: bool,
        pub(crate) state: State,
        pub(crate) picked_on: Option<Date>,
        pub(crate) added_at: DateTimeUtc,
        #[sea_orm(column_type = "Json", nullable)]
        pub(crate) extra: Option<Json>,
        pub(crate) saved: i32,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "String(StringLen::N(10))")]
    pub(crate) enum State {
        #[sea_orm(string_value = "draft")]
        Draft,
        #[sea_orm(string_value = "live")]
        Live,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    static NEXT: AtomicU64 = AtomicU64::new(1);

    #[async_trait]
    impl ActiveModelBehavior for ActiveModel {
        fn new() -> Self {
            Self {
                id: Set(Uuid::from_u128(NEXT.fetch_add(1, Ordering::Relaxed).into())),
                state: Set(State::Draft),
                stock: Set(0),
                sold_out: Set(false),
                saved: Set(0),
                ..ActiveModelTrait::default()
            }
        }

        async fn before_save<C: ConnectionTrait>(
            mut self,
            _: &C,
            insert: bool,
        ) -> Result<Self, DbErr> {
            self.saved = Set(if insert { 1 } else { 2 });
            Ok(self)
        }
    }
}

const CATALOG: &str = r#"
[products.sencha]
maker = "Ito"
name = "Sencha"
category_id = { ref = "categories.green" }
category_slug = { ref = "categories.green", column = "slug" }
price = 7.5
stock = 12
state = "live"
picked_on = 2026-05-02
added_at = 2026-11-22T09:30:00+02:00
extra = { ref = "no reference", cups = [1, 2] }

[products.gyokuro]
maker = "Ito"
name = "Gyokuro"
category_id = { ref = "categories.green" }
price = 20
added_at = 2026-11-22T09:30:00Z

[categories.green]
slug = "green"
parent_id = { ref = "categories.tea" }

[categories.tea]
slug = "tea"
"#;

async fn with_tables() -> (Place, Db) {
    let place = Place::new();
    let db = place.db();
    create_tables(&db).await;
    (place, db)
}

async fn create_tables(db: &Db) {
    let backend = db.get_database_backend();
    let schema = Schema::new(backend);
    for table in [
        schema.create_table_from_entity(category::Entity),
        schema.create_table_from_entity(product::Entity),
    ] {
        db.execute(&table).await.unwrap();
    }
}

fn records(name: &'static str, file: &str, text: &'static str) -> Seed {
    Fixtures::new(name, SeedFile::new(file, text))
        .table::<category::Entity>([category::Column::Slug])
        .table::<product::Entity>([product::Column::Maker, product::Column::Name])
        .seed([Test, Production])
}

async fn run(db: &Db, seeds: Vec<Seed>) -> Result<Vec<Seeded>, Diagnostic> {
    Seeds::new(db.clone(), seeds).run(Test).await
}

async fn products(db: &Db) -> Vec<product::Model> {
    let query = product::Entity::find().order_by_asc(product::Column::Name);
    query.all(db).await.unwrap()
}

fn rows(table: &str, inserted: u64, updated: u64, unchanged: u64) -> SeededTable {
    SeededTable {
        table: table.to_owned(),
        rows: Rows {
            inserted,
            updated,
            unchanged,
        },
    }
}

on_every_engine! {
    async fn records_refer_to_each_other_in_any_order_and_take_the_types_of_their_columns(test: TestDb) {
        let db = &test.db;
        create_tables(db).await;
        let report = run(db, vec![records("catalog", "seeds/catalog.toml", CATALOG)])
            .await
            .unwrap();
        assert_eq!(
            report[0].tables,
            [rows("categories", 2, 0, 0), rows("products", 2, 0, 0)]
        );

        let categories = category::Entity::find()
            .order_by_asc(category::Column::Slug)
            .all(db)
            .await
            .unwrap();
        let [green, tea]: [_; 2] = categories.try_into().unwrap();
        assert_eq!((green.parent_id, tea.parent_id), (Some(tea.id), None));

        let products = products(db).await;
        let [gyokuro, sencha]: [_; 2] = products.try_into().unwrap();
        assert_eq!(sencha.category_id, green.id);
        assert_eq!(sencha.category_slug.as_deref(), Some("green"));
        assert_eq!((sencha.price, sencha.stock), (7.5, 12));
        assert_eq!(sencha.state, product::State::Live);
        assert_eq!(
            sencha.picked_on,
            Some("2026-05-02".parse::<ChronoDate>().unwrap())
        );
        let added: ChronoDateTimeUtc = "2026-11-22T07:30:00Z".parse().unwrap();
        assert_eq!(sencha.added_at, added);
        let extra = serde_json::json!({ "ref": "no reference", "cups": [1, 2] });
        assert_eq!(sencha.extra, Some(extra));

        // what the record says nothing of, the application does
        assert_eq!(gyokuro.state, product::State::Draft);
        assert_eq!((gyokuro.price, gyokuro.saved), (20.0, 1));
        assert_ne!(gyokuro.id, sencha.id);
    }
}

on_every_engine! {
    async fn a_second_run_changes_nothing_and_an_edited_record_changes_its_row_alone(test: TestDb) {
        let db = &test.db;
        create_tables(db).await;
        let seed = || records("catalog", "seeds/catalog.toml", CATALOG);
        run(db, vec![seed()]).await.unwrap();
        let before = products(db).await;
        let report = run(db, vec![seed()]).await.unwrap();
        assert_eq!(
            report[0].tables,
            [rows("categories", 0, 0, 2), rows("products", 0, 0, 2)]
        );
        assert_eq!(products(db).await, before);

        let edited = CATALOG.replace("price = 20", "price = 21.5");
        let edited = records("catalog", "seeds/catalog.toml", edited.leak());
        let report = run(db, vec![edited]).await.unwrap();
        assert_eq!(report[0].tables[1], rows("products", 0, 1, 1));
        let after = products(db).await;
        assert_eq!((after[0].price, after[0].saved), (21.5, 2));
        assert_eq!(after[0].id, before[0].id);
        assert_eq!(after[1], before[1]);
    }
}

#[tokio::test]
async fn the_same_records_may_be_toml_yaml_or_json() {
    let yaml = "
defaults: &defaults
categories:
  green: { slug: green, parent_id: { ref: categories.tea } }
  tea:
    slug: tea
"
    .replace("defaults: &defaults\n", "");
    let json = r#"{
        "categories": { "green": { "slug": "green", "parent_id": { "ref": "categories.tea" } }, "tea": { "slug": "tea" } }
    }"#;
    let toml = "[categories]\ngreen = { slug = \"green\", parent_id = { ref = \"categories.tea\" } }\ntea.slug = \"tea\"\n";
    for (file, text) in [
        ("seeds/categories.yaml", &*yaml.leak()),
        ("seeds/categories.json", json),
        ("seeds/categories.toml", toml),
    ] {
        let (_place, db) = with_tables().await;
        let report = run(&db, vec![records("categories", file, text)])
            .await
            .unwrap();
        assert_eq!(report[0].tables, [rows("categories", 2, 0, 0)], "{file}");
    }
}

on_every_engine! {
    async fn a_file_runs_behind_the_files_it_refers_to_and_reads_what_they_left(test: TestDb) {
        let products = "[[products]]\nmaker = \"Ito\"\nname = \"Sencha\"\nprice = 1\nadded_at = \"2026-11-22T09:30:00Z\"\n\
                        category_id = { ref = \"categories.tea\" }\n";
        let both = || {
            vec![
                records("products", "seeds/products.toml", products),
                records(
                    "categories",
                    "seeds/categories.yml",
                    "categories: { tea: { slug: tea } }",
                ),
            ]
        };
        let db = &test.db;
        create_tables(db).await;
        let alone = Seeds::new(db.clone(), both()).only(["products"]);
        let error = alone.run(Test).await.unwrap_err();
        assert_eq!(error.code(), "A218");
        assert!(
            error
                .to_string()
                .contains("run the seed `categories` first"),
            "{error}"
        );

        let report = run(db, both()).await.unwrap();
        let names: Vec<_> = report.iter().map(|it| it.name).collect();
        assert_eq!(names, ["categories", "products"]);
        let alone = alone.run(Test).await.unwrap();
        assert_eq!(alone.len(), 1);
        assert_eq!(alone[0].tables, [rows("products", 0, 0, 1)]);
    }
}

on_every_engine! {
    async fn an_application_goes_on_counting_behind_keys_that_a_seed_brought(test: TestDb) {
        let db = &test.db;
        create_tables(db).await;
        let text = "[[categories]]\nid = 40\nslug = \"tea\"\n";
        run(db, vec![records("categories", "c.toml", text)])
            .await
            .unwrap();
        let own = category::ActiveModel {
            slug: atlas_db::sea_orm::ActiveValue::Set("own".to_owned()),
            ..Default::default()
        };
        let mut ids = Vec::new();
        for number in 0..3 {
            let mut row = own.clone();
            row.slug = atlas_db::sea_orm::ActiveValue::Set(format!("own {number}"));
            let row = category::Entity::insert(row).exec(db).await.unwrap();
            ids.push(row.last_insert_id);
        }
        assert_eq!(ids, [41, 42, 43]);
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_record_is_told_with_its_line_and_column() {
    let told = [
        (
            "A218_unknown",
            "[categories.tea]\nslug = \"tea\"\n\n[categories.green]\nslug = \"green\"\nparent_id = { ref = \"categories.tee\" }\n",
        ),
        (
            "A218_circle",
            "[categories.a]\nslug = \"a\"\nparent_id = { ref = \"categories.b\" }\n[categories.b]\nslug = \"b\"\nparent_id = { ref = \"categories.a\" }\n",
        ),
        (
            "A218_column",
            "[categories.a]\nslug = \"a\"\n[categories.b]\nslug = \"b\"\nparent_id = { ref = \"categories.a\", column = \"ids\" }\n",
        ),
        ("A207_table", "[categorys.a]\nslug = \"a\"\n"),
        ("A207_column", "[categories.a]\nslugs = \"a\"\n"),
        (
            "A207_type",
            "[categories.a]\nslug = \"a\"\nparent_id = \"one\"\n",
        ),
        ("A207_no_key", "[categories.a]\nid = 7\n"),
        (
            "A207_twice",
            "[[categories]]\nslug = \"a\"\n[[categories]]\nslug = \"a\"\n",
        ),
        ("A207_toml", "[categories.a]\nslug = \n"),
        (
            "A207_refused",
            "[[products]]\nmaker = \"Ito\"\nname = \"Sencha\"\n",
        ),
    ];
    for (name, text) in told {
        let (place, db) = with_tables().await;
        let seed = records("teas", "seeds/teas.toml", text);
        let error = run(&db, vec![seed]).await.unwrap_err();
        assert_eq!(Some(error.code()), name.split('_').next(), "{error}");
        assert_eq!(error.exit_code(), 65);
        golden(&format!("{name}.txt"), &error.to_string(), place.0.path());
        assert!(category::Entity::find().all(&db).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn places_are_those_of_the_file_in_every_format() {
    let files = [
        (
            "t.json",
            "{\n  \"categories\": [\n    { \"slug\": \"tea\" },\n    { \"slug\": 7 }\n  ]\n}",
            "t.json:4:15  `categories.1.slug`",
        ),
        (
            "t.yaml",
            "categories:\n  - slug: tea\n  - slug: 7\n",
            "t.yaml:3:11  `categories.1.slug`",
        ),
        (
            "t.toml",
            "[[categories]]\nslug = \"tea\"\n[[categories]]\nslug = 7\n",
            "t.toml:4:8  `categories.1.slug`",
        ),
        ("u.json", "{ \"categories\": {\n} ]", "u.json:2:3"),
        ("u.yaml", "categories: [\n", "u.yaml:2:1"),
        (
            "v.json",
            "{\"categories\": {\"é\": {\"slug\": \"a\"}, \"é\": {}}}",
            "v.json:1:42  `categories.é`",
        ),
    ];
    for (file, text, place) in files {
        let (_place, db) = with_tables().await;
        let error = run(&db, vec![records("teas", file, text)])
            .await
            .unwrap_err();
        assert_eq!(error.code(), "A207");
        assert!(
            error.to_string().contains(&format!("--> {place}\n")),
            "{error}"
        );
    }
}

#[tokio::test]
async fn seeds_are_refused_in_production_unless_forced() {
    let (place, db) = with_tables().await;
    let seeds = Seeds::new(
        db.clone(),
        vec![records("c", "c.yaml", "categories: [{ slug: tea }]")],
    );
    let refused = seeds.run(Production).await.unwrap_err();
    assert_eq!((refused.code(), refused.exit_code()), ("A217", 2));
    golden("A217_refused.txt", &refused.to_string(), place.0.path());
    let report = seeds.force_production().run(Production).await.unwrap();
    assert_eq!(report[0].tables, [rows("categories", 1, 0, 0)]);
}

on_every_engine! {
    async fn a_hundred_thousand_records_are_written_in_bulk_and_the_way_there_is_told(test: TestDb) {
        const RECORDS: u64 = 100_000;
        let mut text = String::from("{\"categories\": [\n");
        for number in 0..RECORDS {
            let comma = if number == 0 { "" } else { ",\n" };
            text.push_str(&format!(
                "{comma}{{\"id\": {}, \"slug\": \"category {number}\"}}",
                number + 1
            ));
        }
        text.push_str("]}");
        let db = &test.db;
        create_tables(db).await;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let seeds = Seeds::new(db.clone(), vec![records("many", "many.json", text.leak())]).watch({
            let seen = Arc::clone(&seen);
            move |it| {
                seen.lock()
                    .unwrap()
                    .push((it.table.to_owned(), it.done, it.total));
            }
        });
        let first = seeds.run(Test).await.unwrap();
        assert_eq!(first[0].tables, [rows("categories", RECORDS, 0, 0)]);
        {
            let seen = seen.lock().unwrap();
            let last = ("categories".to_owned(), RECORDS, Some(RECORDS));
            assert_eq!(seen.last(), Some(&last));
            assert!(seen.len() >= 100, "it is told on the way: {}", seen.len());
            assert!(seen.windows(2).all(|pair| pair[0].1 < pair[1].1));
        }
        let again = seeds.run(Test).await.unwrap();
        assert_eq!(again[0].tables, [rows("categories", 0, 0, RECORDS)]);
    }
}
