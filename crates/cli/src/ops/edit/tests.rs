//! Files as people write them: an edit is right or refuses, and its opposite gives back every byte.

use super::{ChainCall, Edit, ModLine};

/// Files with a `mod` list, and whether its shape is one that must be known.
const LISTS: &[(&str, bool)] = &[
    ("mod a;\n", true),
    ("pub mod a;\npub mod z;\n", true),
    (
        "//! Docs.\n\nuse x::y;\n\npub mod a;\npub mod z;\n\nfn f() {}\n",
        true,
    ),
    ("mod z;\nmod a;\n", true),
    ("mod a; // the first\nmod z; // the last\n", true),
    ("mod a; /* the first */\nmod z;\n", true),
    ("mod a; mod z;\n", false),
    ("mod a; /* begins here\n and ends here */ mod z;\n", false),
    ("/// Docs of z.\npub mod z;\n", true),
    ("// speaks of z\npub mod z;\n", true),
    ("#[cfg(feature = \"x\")]\npub mod z;\n", true),
    ("#[macro_use]\nmod z;\n", true),
    ("mod a;\n#[cfg(test)]\nmod tests;\n", true),
    (
        "mod a;\n\n// second list\nmod b;\nmod z;\nfn f() {}\n",
        true,
    ),
    (
        "mod a;\n// a word\nmod b;\n/* another\n   one */\nmod z;\n",
        true,
    ),
    ("mod inline { fn f() {} }\nmod z;\n", true),
    ("  mod a;\n  mod z;\n", true),
    ("pub(crate) mod a;\nmod z;", true),
    ("mod a", false),
    ("fn f() {}\n", false),
    ("", false),
    ("mod orders { }\n", false),
    ("mod a;\nmod r#match;\nmod z;\n", true),
    ("macro_rules! m { () => { mod q; } }\nmod a;\n", true),
    ("const TEXT: &str = \"mod q;\\nmod r;\";\nmod a;\n", true),
];

/// Files with `fn app`, and whether its shape is one that must be known.
const CHAINS: &[(&str, bool)] = &[
    (
        "fn app() -> App {\n    App::new(\"shop\")\n        .module(a::module())\n        .module(b::module())\n}\n",
        true,
    ),
    (
        "pub fn app() -> App { App::new(\"shop\").module(a::module()) }\n",
        true,
    ),
    ("fn app() -> App {\n    App::new(\"shop\")\n}\n", true),
    (
        "fn app() -> App {\n    atlas::App::new(\"shop\")\n        .stop_timeout(T)\n}\n",
        true,
    ),
    (
        "fn app() -> App {\n    App::new(\"shop\")\n        .module(a::module()) // the first\n        .stop_timeout(T) // soon\n}\n",
        true,
    ),
    (
        "fn app() -> App {\n    App::new(\"shop\").module(a::module()).module(b::module()).only(&[\"x\"])\n}\n",
        true,
    ),
    (
        "fn app() -> App {\n    let app = App::new(\"shop\")\n        .module(a::module());\n    app\n}\n",
        true,
    ),
    (
        "fn app() -> App {\n    return App::new(\"shop\")\n        .module(a::module());\n}\n",
        true,
    ),
    (
        "fn app() -> App {\n    // module(x)\n    (App::new(\"shop\")\n\t.module(\n\t\ta::module()\n\t))\n}\n",
        true,
    ),
    (
        "fn app() -> App {\n    App::new(\"shop\")\n        .module(Module::new(\"x\").module(y::module()))\n        /* note */\n        .module(b::module())\n}\n",
        true,
    ),
    (
        "fn app() -> App {\n    if x { App::new(\"a\") } else { App::new(\"b\") }\n}\n",
        false,
    ),
    (
        "fn app() -> App {\n    base().module(a::module())\n}\n",
        false,
    ),
    (
        "fn app() -> App {\n    let a = App::new(\"a\");\n    let b = App::new(\"b\");\n    b\n}\n",
        false,
    ),
    ("fn other() -> App {\n    App::new(\"shop\")\n}\n", false),
    ("mod m { fn app() -> App { App::new(\"shop\") } }\n", false),
    ("fn app() -> App {\n    modules!(a, b)\n}\n", false),
    ("fn app() -> App { App::new(\"shop\"\n}\n", false),
];

/// What editors, platforms and people do to a file.
fn variants(text: &str) -> Vec<String> {
    let mut all = vec![
        text.to_owned(),
        text.replace('\n', "\r\n"),
        format!("\u{feff}{text}"),
        format!("#!/usr/bin/env run-cargo-script\n{text}"),
        format!("// größe, 長さ, 🦀\n{text}"),
        format!("#![allow(missing_docs)]\n\n{text}"),
        text.replace("    ", "\t"),
        text.trim_end().to_owned(),
    ];
    for (at, _) in text.match_indices('\n') {
        let (head, tail) = text.split_at(at);
        all.push(format!("{head} // größe{tail}"));
        all.push(format!("{head}   {tail}"));
        all.push(format!("{head}\n{tail}"));
        all.push(format!("{head}\n// a line of its own{tail}"));
        all.push(format!("{head} /* opens\n closes */{tail}"));
        all.push(format!("{head} /* short */{tail}"));
    }
    all
}

/// `edited` is `before` with one range put in, and reads as Rust with the tokens `added` more.
fn check_insertion(before: &str, edited: &str, added: &str) {
    let plain = |text: &str| text.split_whitespace().collect::<String>();
    let head = before
        .bytes()
        .zip(edited.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    let grown = edited.len() - before.len();
    assert!(
        (0..=head).any(|at| before.is_char_boundary(at)
            && edited.as_bytes()[at + grown..] == before.as_bytes()[at..]),
        "more than an insertion:\n{before}\n---\n{edited}"
    );
    let added = plain(added);
    assert!(plain(edited).contains(&added), "{edited}");
    let tokens = |text: &str| {
        let text = text.trim_start_matches('\u{feff}');
        let text = if text.starts_with("#!/") {
            text.split_once('\n').unwrap().1
        } else {
            text
        };
        let stream: proc_macro2::TokenStream = text.parse().unwrap();
        plain(&stream.to_string())
    };
    // a comment cannot have swallowed it
    assert_eq!(
        tokens(edited).len() - tokens(before).len(),
        added.len(),
        "{edited}"
    );
}

fn check(
    corpus: &[(&str, bool)],
    insert: impl Fn(&str) -> Edit,
    remove: impl Fn(&str) -> Edit,
    added: &str,
) {
    let (mut changed, mut refused) = (0, 0);
    for (text, known) in corpus {
        if *known {
            assert!(
                matches!(insert(text), Edit::Changed(_)),
                "this shape must be known:\n{text}"
            );
        }
        for variant in variants(text) {
            match insert(&variant) {
                Edit::Changed(edited) => {
                    changed += 1;
                    check_insertion(&variant, &edited, added);
                    assert_eq!(insert(&edited), Edit::Same, "a second time:\n{edited}");
                    assert_eq!(
                        remove(&edited),
                        Edit::Changed(variant.clone()),
                        "back:\n{edited}"
                    );
                }
                Edit::Unknown => refused += 1,
                Edit::Same => panic!("nothing was there:\n{variant}"),
            }
        }
    }
    assert!(changed > refused, "{changed} changed, {refused} refused");
}

#[test]
fn a_module_line_is_put_in_its_place_and_taken_away_again() {
    for line in [
        ModLine::public("orders"),
        ModLine::private("b2"),
        ModLine::private("zz"),
        ModLine::public("A"),
    ] {
        check(
            LISTS,
            |text| line.insert(text),
            |text| line.remove(text),
            &line.line(),
        );
    }
}

#[test]
fn a_call_is_put_behind_the_last_of_its_kind_and_taken_away_again() {
    let call = ChainCall::module_of_app("orders::module()");
    check(
        CHAINS,
        |text| call.insert(text),
        |text| call.remove(text),
        &call.line(),
    );
}

#[test]
fn lines_stand_where_rustfmt_would_put_them() {
    let line = ModLine::public("orders");
    let changed = |text: &str| match line.insert(text) {
        Edit::Changed(text) => text,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        changed("pub mod catalog;\npub mod stock;\n"),
        "pub mod catalog;\npub mod orders;\npub mod stock;\n"
    );
    assert_eq!(
        changed("pub mod stock;\n"),
        "pub mod orders;\npub mod stock;\n"
    );
    assert_eq!(
        changed("// of stock\npub mod stock;\n"),
        "// of stock\npub mod stock;\npub mod orders;\n"
    );
    assert_eq!(
        changed("mod a;\n#[cfg(test)]\nmod tests;\n"),
        "mod a;\npub mod orders;\n#[cfg(test)]\nmod tests;\n"
    );
    assert_eq!(
        changed("mod a; // the first\r\nmod z;\r\n"),
        "mod a; // the first\r\npub mod orders;\r\nmod z;\r\n"
    );
}

#[test]
fn what_a_person_has_changed_is_not_taken_away() {
    let line = ModLine::public("orders");
    for text in [
        "/// Ours.\npub mod orders;\n",
        "pub mod orders; // ours\n",
        "mod orders;\n",
        "pub mod orders {}\n",
        "mod a; pub mod orders;\n",
    ] {
        assert_eq!(line.remove(text), Edit::Unknown, "{text}");
    }
    assert_eq!(line.remove("mod a;\n"), Edit::Same);
    let call = ChainCall::module_of_app("orders::module()");
    let with =
        |call: &str| format!("fn app() -> App {{\n    App::new(\"a\")\n        {call}\n}}\n");
    assert_eq!(
        call.remove(&with(".module(orders::module()) // ours")),
        Edit::Unknown
    );
    assert_eq!(
        call.remove(&with(".module(orders::module().provide(x))")),
        Edit::Same
    );
    assert_eq!(
        call.remove(&with(
            ".module(orders::module())\n        .module(orders::module())"
        )),
        Edit::Unknown
    );
}
