//! Made, filled, emptied, removed.

use super::{House, on_every_engine};

on_every_engine! {
    fn a_database_is_made_filled_emptied_and_removed(house: House of "house") {
        let service = &house.service;
        let create = service.run(&["db", "create", "--json"]).ends_with(0).json();
        assert_eq!((&create["version"], &create["created"]), (&1.into(), &true.into()));
        let again = service.run(&["db", "create"]).ends_with(0);
        assert!(again.out.starts_with("it exists already: "), "{again:#?}");

        // made by `create`, and still new to `prepare`
        let prepare = service.run(&["db", "prepare", "--json"]).ends_with(0).json();
        assert_eq!(prepare["created"], false);
        assert_eq!(prepare["applied"][0], "m20261122_000001_create_teas");
        assert_eq!(prepare["seeded"][0], "teas");
        let ready = service.run(&["db", "prepare"]).ends_with(0);
        assert!(ready.out.starts_with("nothing to do: "), "{ready:#?}");

        let reset = service.run(&["db", "reset", "--yes"]).ends_with(0);
        assert_eq!(reset.out.lines().count(), 3, "{reset:#?}");
        assert!(reset.out.ends_with("applied m20261122_000001_create_teas\nplanted teas\n"), "{reset:#?}");

        let drop = service.run(&["db", "drop", "-y", "--json"]).ends_with(0).json();
        assert_eq!(drop["dropped"], true);
        let none = service.run(&["db", "drop", "-y"]).ends_with(0);
        assert!(none.out.starts_with("there is none: "), "{none:#?}");
        let prepare = service.run(&["db", "prepare"]).ends_with(0);
        assert!(prepare.out.starts_with("created "), "{prepare:#?}");
        assert!(prepare.out.ends_with("planted teas\n"), "{prepare:#?}");
        service.run(&["db", "drop", "--yes"]).ends_with(0);
    }

    fn seeds_that_were_cut_short_are_planted_by_the_next_prepare(house: House of "house-with-doors") {
        let service = &house.service;
        let lock = service.dir().join("locked");
        std::fs::write(&lock, "").unwrap();
        let failed = service.run(&["db", "prepare"]);
        assert!(failed.err.contains("the door is locked"), "{failed:#?}");
        // the schema is there, and the seeds are not
        service.run(&["migrate", "check"]).ends_with(0);
        service.run(&["migrate", "diff", "--check"]).ends_with(0);
        service.run(&["db", "prepare"]).ends_with(failed.code);
        std::fs::remove_file(&lock).unwrap();
        let prepare = service.run(&["db", "prepare"]).ends_with(0);
        assert_eq!(prepare.out, "planted teas\nplanted doors\n");
        let ready = service.run(&["db", "prepare"]).ends_with(0);
        assert!(ready.out.starts_with("nothing to do: "), "{ready:#?}");
        service.run(&["db", "drop", "--yes"]).ends_with(0);
    }

    fn without_migrations_seeds_are_planted_once(house: House of "unbuilt-house") {
        let service = &house.service;
        let prepare = service.run(&["db", "prepare"]).ends_with(0);
        assert!(prepare.out.starts_with("created ") && prepare.out.ends_with("\nplanted doors\n"), "{prepare:#?}");
        let ready = service.run(&["db", "prepare"]).ends_with(0);
        assert!(ready.out.starts_with("nothing to do: "), "{ready:#?}");
        service.run(&["db", "drop", "--yes"]).ends_with(0);
    }
}
