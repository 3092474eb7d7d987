//! Help, errors, completions: what every command has in common.

use crate::support::{atlas, stderr, stdout};

#[test]
fn without_arguments_it_leads_with_examples() {
    let output = atlas(&[] as &[&str]).output().unwrap();
    assert!(output.status.success());
    let text = stdout(&output);
    let (examples, usage) = (
        text.find("Examples:").unwrap(),
        text.find("Usage:").unwrap(),
    );
    assert!(examples < usage, "{text}");
}

#[test]
fn an_unknown_option_is_a_usage_error() {
    let output = atlas(&["--unknown"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(stderr(&output).contains("--unknown"));
}

#[test]
fn errors_are_json_when_asked_for() {
    let output = atlas(&["--json", "explain", "A999"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let error: serde_json::Value = serde_json::from_str(&stderr(&output)).unwrap();
    assert_eq!(error["error"]["message"], "there is no error code `A999`");
    assert_eq!(error["error"]["exit"], 2);
    assert!(output.stdout.is_empty());
}

#[test]
fn a_usage_error_is_json_too() {
    let output = atlas(&["dev", "--json", "--prot", "1"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let error: serde_json::Value = serde_json::from_str(&stderr(&output)).unwrap();
    assert_eq!(
        error["error"]["message"],
        "unexpected argument '--prot' found"
    );
    assert!(
        error["error"]["help"][0]
            .as_str()
            .unwrap()
            .contains("'--port'"),
        "{error}"
    );
}

#[test]
fn a_directory_that_is_not_there_is_named() {
    let output = atlas(&["-C", "/no/such/folder", "explain"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).starts_with("error: `/no/such/folder` is not a directory"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn completions_are_scripts_of_their_shell() {
    for (shell, mark) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef atlas"),
        ("fish", "complete -c atlas"),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        let output = atlas(&["completions", shell]).output().unwrap();
        assert!(output.status.success());
        assert!(stdout(&output).contains(mark), "{shell}");
    }
}

#[test]
fn bash_completes_commands_after_sourcing_the_script() {
    let script = "source <(\"$0\" completions bash); for word in comp migr; do COMP_WORDS=(atlas $word); COMP_CWORD=1; _atlas atlas $word atlas; echo \"${COMPREPLY[@]}\"; done";
    let output = std::process::Command::new("bash")
        .args(["-c", script])
        .arg(crate::support::binary())
        .output()
        .unwrap();
    assert_eq!(
        stdout(&output).trim(),
        "completions\nmigrate",
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let script = "\"$0\" completions bash | head -n 1";
    let output = std::process::Command::new("bash")
        .args(["-o", "pipefail", "-c", script])
        .arg(crate::support::binary())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).is_empty());
}

#[test]
fn nothing_is_coloured_in_a_pipe() {
    let output = atlas(&["--help"]).output().unwrap();
    assert!(!stdout(&output).contains('\x1b'));
    let output = atlas(&["nonsense"]).output().unwrap();
    assert!(!stderr(&output).contains('\x1b'));
}
