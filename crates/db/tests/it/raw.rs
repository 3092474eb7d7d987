//! SQL by hand.

use atlas_db::{
    Db, Sql,
    sea_orm::{ConnectionTrait, FromQueryResult},
    sql,
};

use crate::support::engines::on_every_engine;

const CHEAP: Sql =
    sql("SELECT id, name, price FROM teas WHERE price < ? AND origin = ? ORDER BY id");
const RENAME: Sql = sql("UPDATE teas SET name = ? WHERE id = ?");
const SOME: Sql =
    sql("SELECT id, name, price FROM teas WHERE id IN (?) AND name <> '?' ORDER BY id");

#[derive(Debug, PartialEq, FromQueryResult, serde::Deserialize)]
struct Tea {
    id: i64,
    name: String,
    price: i64,
}

async fn teas(db: &Db) {
    let table = "CREATE TABLE teas (id BIGINT PRIMARY KEY, name VARCHAR(40) NOT NULL, origin VARCHAR(40) NOT NULL, price BIGINT NOT NULL)";
    db.execute_unprepared(table).await.unwrap();
    let add = sql("INSERT INTO teas VALUES (?, ?, ?, ?)");
    for (id, name, origin, price) in [
        (1_i64, "sencha", "Uji", 12_i64),
        (2, "it's '?'", "Uji", 30),
        (3, "assam", "Assam", 8),
    ] {
        let add = add.clone().bind(id).bind(name).bind(origin).bind(price);
        assert_eq!(add.execute(db).await.unwrap(), 1);
    }
}

on_every_engine! {
    async fn parameters_are_bound_and_rows_become_structs(test: TestDb) {
        let db = &test.db;
        teas(db).await;
        let cheap: Vec<Tea> = CHEAP.bind(20_i64).bind("Uji").all(db).await.unwrap();
        assert_eq!(cheap, [Tea { id: 1, name: "sencha".into(), price: 12 }]);
        let same: Vec<Tea> = CHEAP.bind(20_i64).bind("Uji").all_json(db).await.unwrap();
        assert_eq!(same, cheap);
        let quoted: Option<Tea> = SOME.bind_list([2_i64, 9]).one(db).await.unwrap();
        assert_eq!(quoted.unwrap().name, "it's '?'");
        let none: Vec<Tea> = SOME.bind_list(Vec::<i64>::new()).all(db).await.unwrap();
        assert_eq!(none, []);
        let hostile = "x'; DROP TABLE teas; --";
        assert_eq!(RENAME.bind(hostile).bind(1_i64).execute(db).await.unwrap(), 1);
        let renamed: Option<Tea> = SOME.bind_list([1_i64]).one(db).await.unwrap();
        assert_eq!(renamed.unwrap().name, hostile);
    }

    async fn conditions_come_and_go(test: TestDb) {
        let db = &test.db;
        teas(db).await;
        for (price, origin, ids) in [
            (None, None, vec![1, 2, 3]),
            (Some(20), None, vec![1, 3]),
            (None, Some("Uji"), vec![1, 2]),
            (Some(20), Some("Uji"), vec![1]),
        ] {
            let found = sql("SELECT id, name, price FROM teas WHERE 1 = 1")
                .push_if("AND price < ?", price.map(i64::from))
                .push_if("AND origin = ?", origin)
                .push("ORDER BY id");
            let found: Vec<Tea> = found.all(db).await.unwrap();
            assert_eq!(found.iter().map(|it| it.id).collect::<Vec<_>>(), ids);
        }
    }

    async fn statements_are_checked_against_the_schema(test: TestDb) {
        let db = &test.db;
        teas(db).await;
        db.check([CHEAP, RENAME, SOME]).await.unwrap();
        let faults = [
            sql("SELECT colour FROM teas"),
            sql("SELECT id FROM cups WHERE id = ?"),
            sql("SELEKT id FROM teas"),
        ];
        for fault in &faults {
            let refused = db.check([fault.clone()]).await.unwrap_err().to_string();
            assert!(refused.contains(&format!("`{fault}`")), "{refused}");
        }
        let all = db.check(faults.into_iter().chain([CHEAP])).await.unwrap_err();
        assert_eq!(all.to_string().lines().filter(|it| it.ends_with('`')).count(), 3, "{all}");
        assert_eq!(sql("SELECT count(*) FROM teas").all_json::<serde_json::Value>(db).await.unwrap().len(), 1);
    }

    async fn values_that_do_not_fit_in_number_are_told_before_anything_runs(test: TestDb) {
        let db = &test.db;
        teas(db).await;
        let missing = RENAME.bind("x").execute(db).await.unwrap_err().to_string();
        assert!(missing.contains("2 parameters and 1 values"), "{missing}");
    }

    async fn more_parameters_than_the_engine_takes_are_no_obstacle(test: TestDb) {
        let db = &test.db;
        teas(db).await;
        let ids = (1..=70_000_i64).collect::<Vec<_>>();
        let found: Vec<Tea> = SOME.bind_list(ids).all(db).await.unwrap();
        assert_eq!(found.len(), 3);
        let names = (0..70_000).map(|it| format!("n{it}\\'\"")).chain(["it's '?'".to_owned()]);
        let by_name = sql("SELECT id, name, price FROM teas WHERE name IN (?)").bind_list(names);
        let found: Vec<Tea> = by_name.all(db).await.unwrap();
        assert_eq!(found.iter().map(|it| it.id).collect::<Vec<_>>(), [2]);
    }
}
