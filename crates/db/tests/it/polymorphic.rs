//! Polymorphic relations: however many rows, one query for each kind of subject, and one for what belongs to subjects.

use atlas_core::scope;
use atlas_db::{
    Db, Error, LoadPolymorphic, Subject,
    sea_orm::{
        ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait,
        IntoActiveModel, QueryFilter, QueryOrder, Schema, prelude::Uuid,
    },
};
use tracing::Level;

use crate::{spans::Seen, support::engines::on_every_engine};

/// An entity with an id, a key of a subject of the type given, and words.
macro_rules! entities {
    ($($name:ident $table:literal { $($(#[$attribute:meta])* $field:ident: $type:ty),* } { $($more:tt)* })+) => {$(
        pub(crate) mod $name {
            use atlas_db::sea_orm::{self, entity::prelude::*};

            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub(crate) struct Model {
                $($(#[$attribute])* pub(crate) $field: $type),*
            }

            #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
            pub(crate) enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}

            $($more)*
        }
    )+};
}

macro_rules! polymorphic {
    ($($name:ident),+) => {$(
        impl atlas_db::Polymorphic for $name::Entity {
            fn kind() -> $name::Column {
                $name::Column::SubjectKind
            }

            fn key() -> $name::Column {
                $name::Column::SubjectId
            }
        }
    )+};
}

entities! {
    product "products" {
        #[sea_orm(primary_key, auto_increment = false)] id: i64,
        name: String,
        deleted_at: Option<DateTimeUtc>
    } {
        atlas_db::record!();
    }

    // its key is of another type of integers
    shop "shops" { #[sea_orm(primary_key, auto_increment = false)] id: i32, name: String } {}

    // what refers to it means its code, which is not its primary key
    country "countries" {
        #[sea_orm(primary_key, auto_increment = false)] id: i64,
        #[sea_orm(unique)] code: String,
        name: String
    } {}

    order "orders" { #[sea_orm(primary_key, auto_increment = false)] id: Uuid, name: String } {}

    // about anything: keys of all types, as texts
    comment "comments" {
        #[sea_orm(primary_key, auto_increment = false)] id: i64,
        subject_kind: String,
        subject_id: Option<String>,
        words: String
    } {}

    vote "votes" {
        #[sea_orm(primary_key, auto_increment = false)] id: i64,
        subject_kind: Kind,
        subject_id: Option<i64>
    } {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
        #[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))")]
        pub(crate) enum Kind {
            #[sea_orm(string_value = "product")]
            Product,
            #[sea_orm(string_value = "shop")]
            Shop,
        }
    }

    parcel "parcels" {
        #[sea_orm(primary_key, auto_increment = false)] id: i64,
        subject_kind: String,
        subject_id: Uuid
    } {}
}

polymorphic!(comment, vote, parcel);

impl Subject<comment::Entity> for product::Entity {
    const KIND: &'static str = "product";
}

impl Subject<vote::Entity> for product::Entity {
    const KIND: &'static str = "product";
}

impl Subject<vote::Entity> for shop::Entity {
    const KIND: &'static str = "shop";
}

impl Subject<comment::Entity> for order::Entity {
    const KIND: &'static str = "order";
}

impl Subject<parcel::Entity> for order::Entity {
    const KIND: &'static str = "order";
}

impl Subject<comment::Entity> for country::Entity {
    const KIND: &'static str = "country";

    fn key() -> country::Column {
        country::Column::Code
    }
}

fn order_id(n: i64) -> Uuid {
    Uuid::from_u128(0xABCD << 64 | u128::from(n.unsigned_abs()))
}

fn code(n: i64) -> String {
    format!("C{n}")
}

/// 4 subjects of each kind, and 24 rows of each that are about them in turn.
pub(crate) async fn filled(db: &Db) {
    let schema = Schema::new(db.get_database_backend());
    let mut tables = [
        schema.create_table_from_entity(product::Entity),
        schema.create_table_from_entity(shop::Entity),
        schema.create_table_from_entity(country::Entity),
        schema.create_table_from_entity(order::Entity),
        schema.create_table_from_entity(comment::Entity),
        schema.create_table_from_entity(vote::Entity),
        schema.create_table_from_entity(parcel::Entity),
    ];
    for table in &mut tables {
        db.execute(&*table).await.unwrap();
    }
    for id in 1..=4 {
        let name = |kind: &str| Set(format!("{kind} {id}"));
        let product = product::ActiveModel {
            id: Set(id),
            name: name("product"),
            deleted_at: Set(None),
        };
        product.insert(db).await.unwrap();
        let number = i32::try_from(id).unwrap();
        shop::ActiveModel {
            id: Set(number),
            name: name("shop"),
        }
        .insert(db)
        .await
        .unwrap();
        let country = country::ActiveModel {
            id: Set(100 - id),
            code: Set(code(id)),
            name: name("country"),
        };
        country.insert(db).await.unwrap();
        order::ActiveModel {
            id: Set(order_id(id)),
            name: name("order"),
        }
        .insert(db)
        .await
        .unwrap();
    }
    let comments = (1..=24).map(|id| {
        let subject = id % 4 + 1;
        let (kind, key) = match id % 3 {
            0 => ("product", subject.to_string()),
            1 => ("country", code(subject)),
            _ => ("order", order_id(subject).to_string()),
        };
        (id, kind, Some(key))
    });
    // what is not there, has no subject, is of a kind that this version does not know, or is no key
    let odd = [
        (101, "product", Some("77".to_owned())),
        (102, "product", None),
        (103, "planet", Some("1".to_owned())),
        (104, "product", Some("the first".to_owned())),
        (105, "Product", Some("1".to_owned())),
        (106, "order", Some("1".to_owned())),
    ];
    let comments = comments
        .chain(odd)
        .map(|(id, kind, key)| comment::ActiveModel {
            id: Set(id),
            subject_kind: Set(kind.into()),
            subject_id: Set(key),
            words: Set(format!("comment {id}")),
        });
    comment::Entity::insert_many(comments)
        .exec_without_returning(db)
        .await
        .unwrap();
    let votes = (1..=24).map(|id| vote::ActiveModel {
        id: Set(id),
        subject_kind: Set(if id % 2 == 0 {
            vote::Kind::Product
        } else {
            vote::Kind::Shop
        }),
        subject_id: Set((id % 6 != 0).then_some(id % 4 + 1)),
    });
    vote::Entity::insert_many(votes)
        .exec_without_returning(db)
        .await
        .unwrap();
    let parcels = (1..=24).map(|id| parcel::ActiveModel {
        id: Set(id),
        subject_kind: Set(if id % 2 == 0 { "order" } else { "gift" }.into()),
        subject_id: Set(order_id(id % 4 + 1)),
    });
    parcel::Entity::insert_many(parcels)
        .exec_without_returning(db)
        .await
        .unwrap();
}

async fn comments(db: &Db) -> Vec<comment::Model> {
    comment::Entity::find()
        .order_by_asc(comment::Column::Id)
        .all(db)
        .await
        .unwrap()
}

async fn products(db: &Db) -> Vec<product::Model> {
    product::Entity::find()
        .order_by_asc(product::Column::Id)
        .all(db)
        .await
        .unwrap()
}

/// Loads both ways once: two statements.
pub(crate) async fn both_ways(db: &Db) -> (usize, usize) {
    let (comments, products) =
        scope::enter(async { (comments(db).await, products(db).await) }).await;
    scope::enter(async {
        let subjects = comments.load_subject(product::Entity, db).await.unwrap();
        let about = products
            .load_polymorphic(comment::Entity, db)
            .await
            .unwrap();
        (
            subjects.iter().flatten().count(),
            about.iter().map(Vec::len).sum(),
        )
    })
    .await
}

on_every_engine! {
    async fn subjects_cost_one_query_a_kind(test: TestDb) {
        let db = &test.db;
        filled(db).await;
        let comments = comments(db).await;
        let queries = db.record_queries();
        let products = comments.load_subject(product::Entity, db).await.unwrap();
        let countries = comments.load_subject(country::Entity, db).await.unwrap();
        let orders = comments.load_subject(order::Entity, db).await.unwrap();
        assert_eq!(queries.count(), 3, "{queries:?}");
        for (at, comment) in comments.iter().enumerate() {
            let names = [
                products[at].as_ref().map(|it| &it.name),
                countries[at].as_ref().map(|it| &it.name),
                orders[at].as_ref().map(|it| &it.name),
            ];
            let names: Vec<_> = names.into_iter().flatten().collect();
            if comment.id > 100 {
                assert!(names.is_empty(), "{comment:?}: {names:?}");
            } else {
                assert_eq!(names, [&format!("{} {}", comment.subject_kind, comment.id % 4 + 1)]);
            }
        }

        // no query without a question
        queries.clear();
        let of_orders: Vec<_> = comments.iter().filter(|it| it.subject_kind == "order").cloned().collect();
        let none = of_orders.load_subject(product::Entity, db).await.unwrap();
        assert_eq!(none, vec![None; of_orders.len()]);
        let nobody: [comment::Model; 0] = [];
        assert!(nobody.load_subject(order::Entity, db).await.unwrap().is_empty());
        let nothing: [product::Model; 0] = [];
        assert!(nothing.load_polymorphic(comment::Entity, db).await.unwrap().is_empty());
        assert_eq!(queries.count(), 0, "{queries:?}");
    }

    async fn what_belongs_to_many_subjects_costs_one_query_whatever_their_key(test: TestDb) {
        let db = &test.db;
        filled(db).await;
        let products = products(db).await;
        let shops = shop::Entity::find().order_by_asc(shop::Column::Id).all(db).await.unwrap();
        let countries = country::Entity::find().order_by_asc(country::Column::Code).all(db).await.unwrap();
        let orders = order::Entity::find().order_by_asc(order::Column::Name).all(db).await.unwrap();
        let queries = db.record_queries();

        let ids = |lists: Vec<Vec<comment::Model>>| -> Vec<Vec<i64>> {
            lists.iter().map(|list| list.iter().map(|it| it.id).collect()).collect()
        };
        let expected = |rest: i64| -> Vec<Vec<i64>> {
            let of = |subject| (1..=24).filter(|id| id % 3 == rest && id % 4 + 1 == subject).collect();
            (1..=4).map(of).collect()
        };
        assert_eq!(ids(products.load_polymorphic(comment::Entity, db).await.unwrap()), expected(0));
        assert_eq!(ids(countries.load_polymorphic(comment::Entity, db).await.unwrap()), expected(1));
        assert_eq!(ids(orders.load_polymorphic(comment::Entity, db).await.unwrap()), expected(2));
        assert_eq!(queries.count(), 3, "{queries:?}");

        // of two kinds that have the same keys, in a column of numbers
        queries.clear();
        let of_products = products.load_polymorphic(vote::Entity, db).await.unwrap();
        let of_shops = shops.load_polymorphic(vote::Entity, db).await.unwrap();
        assert_eq!(queries.count(), 2, "{queries:?}");
        for (at, (votes, others)) in of_products.iter().zip(&of_shops).enumerate() {
            let of = |odd| (1..=24).filter(|id| id % 2 == odd && id % 6 != 0 && id % 4 == at as i64).collect();
            let (even, odd): (Vec<i64>, Vec<i64>) = (of(0), of(1));
            assert_eq!(votes.iter().map(|it| it.id).collect::<Vec<_>>(), even);
            assert_eq!(others.iter().map(|it| it.id).collect::<Vec<_>>(), odd);
        }
        let votes: Vec<_> = of_products.into_iter().chain(of_shops).flatten().collect();
        queries.clear();
        let voted = votes.load_subject(product::Entity, db).await.unwrap();
        let visited = votes.load_subject(shop::Entity, db).await.unwrap();
        assert_eq!(queries.count(), 2, "{queries:?}");
        for (at, vote) in votes.iter().enumerate() {
            let id = vote.subject_id;
            match vote.subject_kind {
                vote::Kind::Product => {
                    assert_eq!((voted[at].as_ref().map(|it| it.id), &visited[at]), (id, &None));
                }
                vote::Kind::Shop => {
                    assert_eq!((visited[at].as_ref().map(|it| it.id.into()), &voted[at]), (id, &None));
                }
            }
        }

        // and in a column of UUIDs
        let parcels = orders.load_polymorphic(parcel::Entity, db).await.unwrap();
        assert_eq!(parcels.iter().map(Vec::len).collect::<Vec<_>>(), [6, 0, 6, 0]);
        let parcels = parcels.concat();
        let orders = parcels.load_subject(order::Entity, db).await.unwrap();
        for (parcel, order) in parcels.iter().zip(orders) {
            assert_eq!(order.unwrap().id, parcel.subject_id);
        }
    }

    async fn a_query_orders_and_narrows_down(test: TestDb) {
        let db = &test.db;
        filled(db).await;
        product::Entity::delete_by_id(1).exec(db).await.unwrap();
        let (comments, products) = (comments(db).await, products(db).await);
        assert_eq!(products.len(), 3);
        let all = comments.load_subject(product::Entity, db).await.unwrap();
        let live = comments.load_subject(product::Entity::find(), db).await.unwrap();
        assert_eq!((all.iter().flatten().count(), live.iter().flatten().count()), (8, 6));
        let late = comment::Entity::find()
            .filter(comment::Column::Id.gt(12))
            .order_by_desc(comment::Column::Id);
        let late = products.load_polymorphic(late, db).await.unwrap();
        let ids: Vec<Vec<i64>> = late.iter().map(|list| list.iter().map(|it| it.id).collect()).collect();
        assert_eq!(ids, [vec![21], vec![18], vec![15]]);
        // a row that is there twice has them twice
        let twice = [products[0].clone(), products[0].clone()];
        let twice = twice.load_polymorphic(comment::Entity, db).await.unwrap();
        assert_eq!(twice[0], twice[1]);
        assert_eq!(twice[0].len(), 2);
    }

    async fn a_transaction_loads_what_it_has_written(test: TestDb) {
        let db = &test.db;
        filled(db).await;
        let undone: Result<(), Error> = db
            .transaction(|| async {
                let mut product = products(db).await.remove(0).into_active_model();
                product.name = Set("new".into());
                product.update(db).await?;
                comment::Entity::delete_by_id(12).exec(db).await?;
                let subjects = comments(db).await.load_subject(product::Entity, db).await?;
                assert_eq!(subjects.iter().flatten().filter(|it| it.name == "new").count(), 1);
                let about = products(db).await.load_polymorphic(comment::Entity, db).await?;
                assert_eq!(about.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2, 2, 2]);
                Err(atlas_db::sea_orm::DbErr::Custom("enough".into()).into())
            })
            .await;
        undone.unwrap_err();
        assert_eq!(both_ways(db).await, (8, 8));
    }

    async fn more_rows_than_an_engine_has_parameters_cost_one_query(test: TestDb) {
        let db = &test.db;
        filled(db).await;
        let many: Vec<product::Model> = (1..=66_000)
            .map(|id| product::Model { id, name: String::new(), deleted_at: None })
            .collect();
        let queries = db.record_queries();
        let about = many.load_polymorphic(comment::Entity, db).await.unwrap();
        // the 8 of products that there are, and the one of the 77th
        assert_eq!((queries.count(), about.iter().map(Vec::len).sum::<usize>()), (1, 9));
        assert_eq!(about[76][0].id, 101);
        let comments = about.concat();
        queries.clear();
        let subjects = comments.load_subject(product::Entity, db).await.unwrap();
        assert_eq!((queries.count(), subjects.iter().flatten().count()), (1, 8));
    }

    async fn only_a_loop_is_warned_of(test: TestDb) {
        filled(&test.db).await;
        let db = test.open(|config| config.repeat_warning = 3);
        let (comments, products) = (comments(&db).await, products(&db).await);
        let seen = Seen::new(Level::WARN);
        let guard = tracing::subscriber::set_default(seen.clone());
        scope::enter(async {
            for _ in 0..3 {
                comments.load_subject(product::Entity, &db).await.unwrap();
                comments.load_subject(country::Entity, &db).await.unwrap();
                comments.load_subject(order::Entity, &db).await.unwrap();
                products.load_polymorphic(comment::Entity, &db).await.unwrap();
            }
        })
        .await;
        assert_eq!(seen.warnings(), []);
        scope::enter(async {
            for product in &products {
                let one = std::slice::from_ref(product);
                one.load_polymorphic(comment::Entity, &db).await.unwrap();
            }
        })
        .await;
        scope::enter(async {
            for comment in comments.iter().filter(|it| it.subject_kind == "order") {
                std::slice::from_ref(comment).load_subject(order::Entity, &db).await.unwrap();
            }
        })
        .await;
        drop(guard);
        let warnings = seen.warnings();
        let tables: Vec<_> = warnings.iter().map(|it| it["db.collection.name"].as_str()).collect();
        assert_eq!(tables, ["comments", "orders"], "{warnings:#?}");
        for warning in &warnings {
            let line: usize = warning["code.line.number"].parse().unwrap();
            let source = include_str!("polymorphic.rs").lines().nth(line - 1).unwrap();
            assert!(source.contains("load_"), "{line}: {source}");
        }
        db.close().await;
    }
}
