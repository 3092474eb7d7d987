//! "Did you mean".

use atlas_schema::closest;

#[test]
fn a_slip_of_the_finger_is_understood() {
    let keys = ["host", "port", "max_connections", "body_limit"];
    for (typed, meant) in [
        ("prot", Some("port")),
        ("prt", Some("port")),
        ("PORT", Some("port")),
        ("ports", Some("port")),
        ("max-conections", Some("max_connections")),
        ("maxConnections", Some("max_connections")),
        ("bodylimit", Some("body_limit")),
        ("timeout", None),
        ("x", None),
        ("", None),
        ("--", None),
    ] {
        assert_eq!(closest(typed, keys), meant, "{typed}");
    }
}

#[test]
fn the_nearest_wins_and_the_first_of_equals() {
    assert_eq!(closest("posts", ["post", "ports"]), Some("post"));
    assert_eq!(closest("level", ["levels", "level"]), Some("level"));
    assert_eq!(
        closest("a", ["b"]),
        None,
        "another name of one letter is no suggestion"
    );
}
