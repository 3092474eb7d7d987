//! Relations: however many rows, one query for each relation.

use std::sync::atomic::{AtomicUsize, Ordering};

use atlas_db::{
    Db, Live, async_trait, filter, related,
    sea_orm::{
        ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait,
        ExecResult, LoaderTrait, ModelTrait, QueryFilter, QueryOrder, QueryResult, Schema,
        Statement,
    },
};
use serde_json::json;

use crate::support::engines::on_every_engine;

mod tea {
    use atlas_db::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "teas")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: i64,
        pub(crate) name: String,
        pub(crate) garden_id: Option<i64>,
        /// The tea that it was made of.
        pub(crate) parent_id: Option<i64>,
        pub(crate) deleted_at: Option<DateTimeUtc>,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {
        #[sea_orm(
            belongs_to = "super::garden::Entity",
            from = "Column::GardenId",
            to = "super::garden::Column::Id"
        )]
        Garden,
        #[sea_orm(has_one = "super::label::Entity")]
        Label,
        #[sea_orm(belongs_to = "Entity", from = "Column::ParentId", to = "Column::Id")]
        Parent,
        #[sea_orm(has_many = "super::note::Entity")]
        Note,
    }

    impl Related<super::garden::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Garden.def()
        }
    }

    impl Related<super::label::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Label.def()
        }
    }

    impl Related<super::note::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Note.def()
        }
    }

    impl Related<super::shop::Entity> for Entity {
        fn to() -> RelationDef {
            super::offer::Relation::Shop.def()
        }

        fn via() -> Option<RelationDef> {
            Some(super::offer::Relation::Tea.def().rev())
        }
    }

    impl ActiveModelBehavior for ActiveModel {}

    atlas_db::record!();
}

macro_rules! table {
    ($name:ident $table:literal { $($(#[$attribute:meta])* $field:ident: $type:ty),* } $relations:item $($more:item)*) => {
        mod $name {
            use atlas_db::sea_orm::{self, entity::prelude::*};

            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub(crate) struct Model {
                $($(#[$attribute])* pub(crate) $field: $type),*
            }

            #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
            $relations

            $($more)*

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

table! {
    garden "gardens" { #[sea_orm(primary_key, auto_increment = false)] id: i64, name: String }
    pub(crate) enum Relation {
        #[sea_orm(has_many = "super::tea::Entity")]
        Tea,
    }
    impl Related<super::tea::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Tea.def()
        }
    }
}

table! {
    label "labels" { #[sea_orm(primary_key, auto_increment = false)] id: i64, #[sea_orm(unique)] tea_id: i64, words: String }
    pub(crate) enum Relation {
        #[sea_orm(belongs_to = "super::tea::Entity", from = "Column::TeaId", to = "super::tea::Column::Id")]
        Tea,
    }
    impl Related<super::tea::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Tea.def()
        }
    }
}

table! {
    shop "shops" { #[sea_orm(primary_key, auto_increment = false)] id: i64, name: String }
    pub(crate) enum Relation {}
    impl Related<super::tea::Entity> for Entity {
        fn to() -> RelationDef {
            super::offer::Relation::Tea.def()
        }

        fn via() -> Option<RelationDef> {
            Some(super::offer::Relation::Shop.def().rev())
        }
    }
}

table! {
    offer "offers" {
        #[sea_orm(primary_key, auto_increment = false)] tea_id: i64,
        #[sea_orm(primary_key, auto_increment = false)] shop_id: i64
    }
    pub(crate) enum Relation {
        #[sea_orm(belongs_to = "super::tea::Entity", from = "Column::TeaId", to = "super::tea::Column::Id")]
        Tea,
        #[sea_orm(belongs_to = "super::shop::Entity", from = "Column::ShopId", to = "super::shop::Column::Id")]
        Shop,
    }
}

// a note is about a tea or about a garden: its subject has a kind and an id
table! {
    note "notes" {
        #[sea_orm(primary_key, auto_increment = false)] id: i64,
        subject: String,
        subject_id: i64,
        words: String
    }
    pub(crate) enum Relation {
        #[sea_orm(
            belongs_to = "super::tea::Entity",
            from = "Column::SubjectId",
            to = "super::tea::Column::Id",
            skip_fk
        )]
        Tea,
    }
    impl Related<super::tea::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Tea.def()
        }
    }
}

/// Counts the statements that go through it.
struct Counted<'a>(&'a Db, AtomicUsize);

impl Counted<'_> {
    /// How many there were since it was asked last.
    fn taken(&self) -> usize {
        self.1.swap(0, Ordering::Relaxed)
    }

    fn count(&self) {
        self.1.fetch_add(1, Ordering::Relaxed);
    }
}

#[async_trait]
impl ConnectionTrait for Counted<'_> {
    fn get_database_backend(&self) -> DbBackend {
        self.0.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.count();
        self.0.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.count();
        self.0.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.count();
        self.0.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.count();
        self.0.query_all_raw(statement).await
    }
}

/// 30 teas of 3 gardens in 4 shops; every third one made of the one before, every second one with a label.
async fn filled(db: &Db) {
    let schema = Schema::new(db.get_database_backend());
    let mut tables = [
        schema.create_table_from_entity(garden::Entity),
        schema.create_table_from_entity(tea::Entity),
        schema.create_table_from_entity(label::Entity),
        schema.create_table_from_entity(shop::Entity),
        schema.create_table_from_entity(offer::Entity),
        schema.create_table_from_entity(note::Entity),
    ];
    for table in &mut tables {
        db.execute(&*table).await.unwrap();
    }
    let gardens = (1..=3).map(|id| garden::ActiveModel {
        id: Set(id),
        name: Set(format!("garden {id}")),
    });
    garden::Entity::insert_many(gardens)
        .exec_without_returning(db)
        .await
        .unwrap();
    // those that others are made of come first
    for parents in [true, false] {
        let teas = (1..=30)
            .filter(|id| (id % 3 != 0) == parents)
            .map(|id| tea::ActiveModel {
                id: Set(id),
                name: Set(format!("tea {id}")),
                garden_id: Set((id % 5 != 0).then_some(id % 3 + 1)),
                parent_id: Set((id % 3 == 0).then_some(id - 1)),
                deleted_at: Set(None),
            });
        tea::Entity::insert_many(teas)
            .exec_without_returning(db)
            .await
            .unwrap();
    }
    let labels = (1..=30).filter(|id| id % 2 == 0);
    let labels = labels.map(|id| label::ActiveModel {
        id: Set(100 + id),
        tea_id: Set(id),
        words: Set(format!("label {id}")),
    });
    label::Entity::insert_many(labels)
        .exec_without_returning(db)
        .await
        .unwrap();
    let shops = (1..=4).map(|id| shop::ActiveModel {
        id: Set(id),
        name: Set(format!("shop {id}")),
    });
    shop::Entity::insert_many(shops)
        .exec_without_returning(db)
        .await
        .unwrap();
    let offers = (1..=30).flat_map(|tea| {
        (1..=4)
            .filter(move |shop| (tea + shop) % 2 == 0)
            .map(move |shop| (tea, shop))
    });
    let offers = offers.map(|(tea, shop)| offer::ActiveModel {
        tea_id: Set(tea),
        shop_id: Set(shop),
    });
    offer::Entity::insert_many(offers)
        .exec_without_returning(db)
        .await
        .unwrap();
    let notes = (1..=20).map(|id| note::ActiveModel {
        id: Set(id),
        subject: Set(if id % 2 == 0 { "tea" } else { "garden" }.into()),
        subject_id: Set(id % 3 + 1),
        words: Set(format!("note {id}")),
    });
    note::Entity::insert_many(notes)
        .exec_without_returning(db)
        .await
        .unwrap();
}

on_every_engine! {
    async fn each_relation_costs_one_query_for_all_rows(test: TestDb) {
        filled(&test.db).await;
        let db = &Counted(&test.db, AtomicUsize::new(0));
        let teas = tea::Entity::find().order_by_asc(tea::Column::Id).all(db).await.unwrap();
        assert_eq!((teas.len(), db.taken()), (30, 1));

        // belongs to
        let gardens = teas.load_one(garden::Entity, db).await.unwrap();
        assert_eq!(db.taken(), 1);
        for (tea, garden) in teas.iter().zip(&gardens) {
            assert_eq!(garden.as_ref().map(|it| it.id), tea.garden_id);
        }
        // has one
        let labels = teas.load_one(label::Entity, db).await.unwrap();
        assert_eq!(db.taken(), 1);
        for (tea, label) in teas.iter().zip(&labels) {
            assert_eq!(label.as_ref().map(|it| it.tea_id), (tea.id % 2 == 0).then_some(tea.id));
        }
        // has many
        let gardens = garden::Entity::find().order_by_asc(garden::Column::Id).all(&test.db).await.unwrap();
        let of_gardens = gardens.load_many(tea::Entity::find(), db).await.unwrap();
        assert_eq!(db.taken(), 1);
        for (garden, teas) in gardens.iter().zip(&of_gardens) {
            assert_eq!(teas.len(), 8);
            assert!(teas.iter().all(|it| it.garden_id == Some(garden.id)));
        }
        // many to many, from both sides
        let shops = teas.load_many(shop::Entity, db).await.unwrap();
        assert_eq!(db.taken(), 1);
        for (tea, shops) in teas.iter().zip(&shops) {
            assert_eq!(shops.len(), 2);
            assert!(shops.iter().all(|it| (it.id + tea.id) % 2 == 0));
        }
        let all = shop::Entity::find().all(&test.db).await.unwrap();
        let offered = all.load_many(tea::Entity::find(), db).await.unwrap();
        assert_eq!(db.taken(), 1);
        assert!(offered.iter().all(|it| it.len() == 15));
        // self, up and down
        let parents = teas.load_self(tea::Entity, tea::Relation::Parent, db).await.unwrap();
        assert_eq!(db.taken(), 1);
        for (tea, parent) in teas.iter().zip(&parents) {
            assert_eq!(parent.as_ref().map(|it| it.id), tea.parent_id);
        }
        let children = teas.load_self_many(tea::Entity::find(), tea::Relation::Parent, db).await.unwrap();
        assert_eq!(db.taken(), 1);
        for (tea, children) in teas.iter().zip(&children) {
            assert_eq!(children.iter().map(|it| it.id).collect::<Vec<_>>(), if tea.id % 3 == 2 { vec![tea.id + 1] } else { vec![] });
        }
    }

    async fn a_subject_of_several_kinds_costs_one_query_a_kind(test: TestDb) {
        filled(&test.db).await;
        let db = &Counted(&test.db, AtomicUsize::new(0));
        let notes = note::Entity::find().order_by_asc(note::Column::Id).all(db).await.unwrap();
        db.taken();
        let of = |kind: &'static str| notes.iter().filter(move |it| it.subject == kind).map(|it| it.subject_id);
        let teas = related::<tea::Entity, _>(db, tea::Column::Id, of("tea")).await.unwrap();
        let gardens = related::<garden::Entity, _>(db, garden::Column::Id, of("garden")).await.unwrap();
        assert_eq!(db.taken(), 2);
        for note in &notes {
            let name = match note.subject.as_str() {
                "tea" => teas[&note.subject_id].name.clone(),
                _ => gardens[&note.subject_id].name.clone(),
            };
            assert_eq!(name, format!("{} {}", note.subject, note.subject_id));
        }
        assert_eq!((teas.len(), gardens.len()), (3, 3));
        let none = related::<tea::Entity, i64>(db, tea::Column::Id, []).await.unwrap();
        assert_eq!((none.len(), db.taken()), (0, 0));

        // and the notes of many teas
        let teas = tea::Entity::find().order_by_asc(tea::Column::Id).all(&test.db).await.unwrap();
        let about = note::Entity::find().filter(note::Column::Subject.eq("tea")).order_by_asc(note::Column::Id);
        let notes = teas.load_many(about, db).await.unwrap();
        assert_eq!(db.taken(), 1);
        assert_eq!(notes.iter().map(Vec::len).sum::<usize>(), 10);
        assert!(notes.iter().flatten().all(|it| it.subject == "tea"));
    }

    async fn deleted_rows_are_not_loaded(test: TestDb) {
        filled(&test.db).await;
        let db = &test.db;
        tea::Entity::delete_by_id(1).exec(db).await.unwrap();
        let garden = garden::Entity::find_by_id(2).one(db).await.unwrap().unwrap();
        let gardens = vec![garden.clone()];
        let teas = gardens.load_many(tea::Entity::find(), db).await.unwrap();
        assert_eq!(teas[0].len(), 7);
        assert_eq!(garden.find_related(tea::Entity).live().all(db).await.unwrap().len(), 7);
        assert_eq!(garden.find_related(tea::Entity).all(db).await.unwrap().len(), 8);
    }

    async fn as_many_rows_as_there_are_cost_one_query(test: TestDb) {
        filled(&test.db).await;
        let many: Vec<tea::Model> = (1..=70_000)
            .map(|id| tea::Model { id, name: String::new(), garden_id: None, parent_id: None, deleted_at: None })
            .collect();
        let db = &Counted(&test.db, AtomicUsize::new(0));
        let labels = many.load_one(label::Entity, db).await.unwrap();
        assert_eq!(db.taken(), 1);
        assert_eq!(labels.iter().flatten().count(), 15);
        assert_eq!(labels[29].as_ref().unwrap().words, "label 30");
    }

    async fn filters_become_conditions(test: TestDb) {
        filled(&test.db).await;
        let db = &test.db;
        use tea::Column::{GardenId, Id, Name};
        let ask = async |column, terms: &[(&str, serde_json::Value)]| {
            let condition: Condition = filter::<tea::Entity>(column, terms.to_vec()).unwrap();
            let found = tea::Entity::find().filter(condition).order_by_asc(Id).all(db).await.unwrap();
            found.into_iter().map(|it| it.id).collect::<Vec<_>>()
        };
        assert_eq!(ask(Id, &[("eq", json!(7))]).await, [7]);
        assert_eq!(ask(Id, &[("gte", json!(28)), ("ne", json!(29))]).await, [28, 30]);
        assert_eq!(ask(Id, &[("lt", json!(3))]).await, [1, 2]);
        assert_eq!(ask(Id, &[("gt", json!(3)), ("lte", json!(5))]).await, [4, 5]);
        assert_eq!(ask(Id, &[("in", json!([5, 3, 99]))]).await, [3, 5]);
        assert_eq!(ask(Id, &[("in", json!([]))]).await, [] as [i64; 0]);
        assert_eq!(ask(GardenId, &[("null", json!(true))]).await, [5, 10, 15, 20, 25, 30]);
        assert_eq!(ask(GardenId, &[("null", json!(false)), ("eq", json!(1))]).await.len(), 8);
        assert_eq!(ask(Name, &[("contains", json!("EA 3"))]).await, [3, 30]);
        assert_eq!(ask(Name, &[("eq", json!("tea 4"))]).await, [4]);
        assert_eq!(ask(Name, &[("in", json!(["tea 4", "tea' OR 1=1 --"]))]).await, [4]);
        assert_eq!(ask(Name, &[]).await.len(), 30);

        for (column, operator, operand) in [
            (Id, "eq", json!("seven")),
            (Id, "like", json!("7")),
            (Id, "in", json!(7)),
            (Name, "contains", json!(7)),
            (Name, "null", json!("yes")),
        ] {
            let refused = filter::<tea::Entity>(column, [(operator, operand)]).unwrap_err();
            assert!(refused.is_malformed());
            assert_eq!(atlas_core::Error::from(refused).code(), "invalid_filter");
        }
    }
}
