//! What modules say to each other: errors, diagnostics, health.

use std::{future::pending, io, time::Duration};

use atlas_core::{BoxError, Diagnostic, Error, HealthCheck, Kind};

#[test]
fn an_error_has_kind_code_message_violations_and_source() {
    let error = Error::invalid("product_invalid", "the product breaks 2 rules")
        .violation("/name", "min_length", "must not be empty")
        .violation("/price/units", "minimum", "must not be negative")
        .source(io::Error::other("behind it"));
    assert_eq!(
        (error.kind(), error.code()),
        (Kind::Invalid, "product_invalid")
    );
    assert_eq!(error.to_string(), "the product breaks 2 rules");
    let pointers: Vec<&str> = error
        .violations()
        .iter()
        .map(|violation| violation.pointer())
        .collect();
    assert_eq!(pointers, ["/name", "/price/units"]);
    assert_eq!(
        (
            error.violations()[1].code(),
            error.violations()[1].message()
        ),
        ("minimum", "must not be negative")
    );
    // Through the trait, because the builder of that name takes an argument.
    let source = std::error::Error::source(&error).map(ToString::to_string);
    assert_eq!(source.as_deref(), Some("behind it"));
    assert!(format!("{error:?}").contains("behind it"));
}

#[test]
fn an_internal_error_says_nothing_of_its_source_to_callers() {
    let error = Error::internal(io::Error::other("password=hunter2"));
    assert_eq!((error.kind(), error.code()), (Kind::Internal, "internal"));
    assert!(!error.to_string().contains("hunter2"));
}

#[test]
fn an_error_is_small_so_that_results_stay_small() {
    assert_eq!(size_of::<Error>(), size_of::<usize>());
}

#[test]
fn a_diagnostic_keeps_its_parts_and_its_source() {
    let diagnostic = Diagnostic::new("A206", "the database cannot be used")
        .place("sqlite data/shop.sqlite")
        .help("restore a backup")
        .exit(69)
        .source(io::Error::other("file is not a database"));
    assert_eq!((diagnostic.code(), diagnostic.exit_code()), ("A206", 69));
    assert_eq!(
        (diagnostic.at(), diagnostic.helps().len()),
        (Some("sqlite data/shop.sqlite"), 1)
    );
    let error: BoxError = diagnostic.into();
    assert_eq!(
        error.source().unwrap().to_string(),
        "file is not a database"
    );
}

async fn panicking() -> Result<(), BoxError> {
    panic!("oh no")
}

#[tokio::test]
async fn a_health_check_answers_late_or_by_a_panic_as_by_an_error() {
    let fine = HealthCheck::new("fine", || async { Ok::<_, BoxError>(()) });
    assert!(fine.is_critical() && fine.name() == "fine");
    fine.check().await.unwrap();
    let late = HealthCheck::new("late", pending::<Result<(), BoxError>>)
        .timeout(Duration::from_millis(10));
    assert_eq!(
        late.check().await.unwrap_err().to_string(),
        "no answer within 10ms"
    );
    let panics = HealthCheck::new("panics", panicking).critical(false);
    assert!(!panics.is_critical());
    assert_eq!(
        panics.check().await.unwrap_err().to_string(),
        "panicked: oh no"
    );
}
