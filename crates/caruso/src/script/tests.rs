//! The commands on the example, and on copies of it with mistakes.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser;
use tempfile::TempDir;

use super::*;
use crate::check::OfSite;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    options: Options,
}

fn run(line: &[&str]) -> anyhow::Result<ExitCode> {
    let line = Line::try_parse_from(std::iter::once("script").chain(line.iter().copied()))?;
    script(&line.options, Format::Text)
}

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/utilities")
}

/// A copy of the example with one text replaced in one of its scripts.
fn with(script: &str, from: &str, to: &str) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    copy(&example(), folder.path());
    let path = folder.path().join(format!("scripts/{script}.xml"));
    let text = fs::read_to_string(&path).expect("a script");
    assert!(text.contains(from), "{script} has no {from}");
    fs::write(&path, text.replacen(from, to, 1)).expect("it is written");
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let (path, target) =
            entry.map(|it| (it.path(), to.join(it.file_name()))).expect("an entry");
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("it is copied");
        }
    }
}

fn path(folder: &TempDir) -> &str {
    folder.path().to_str().expect("a path")
}

fn application(folder: &Path) -> Scripts {
    let read = folder::read(folder).expect("a folder");
    read.application.expect("it is sound").scripts
}

#[test]
fn the_tests_of_the_example_pass_and_leave_nothing_out() {
    let example = example();
    let line = ["test", example.to_str().expect("a path")];
    assert_eq!(run(&line).expect("it runs"), ExitCode::SUCCESS);
    let scripts = application(&example);
    let runs: Vec<_> = scripts.iter().map(|(id, it)| (id.as_str(), it.run_tests())).collect();
    insta::assert_snapshot!(test::text(Path::new("utilities"), &runs));
}

#[test]
fn a_test_that_fails_is_told_with_its_place_and_the_exit_code_is_1() {
    let mistake = with("main-menu", "segment.or('household')", "segment.or('business')");
    assert_eq!(run(&["test", path(&mistake)]).expect("it runs"), ExitCode::FAILURE);
    let scripts = application(mistake.path());
    let runs = [("main-menu", scripts["main-menu"].run_tests())];
    insta::assert_snapshot!(test::text(Path::new("utilities"), &runs));
    let other = ["test", path(&mistake), "--script", "moving-house"];
    assert_eq!(run(&other).expect("it runs"), ExitCode::SUCCESS);
}

#[test]
fn what_no_test_takes_is_told() {
    let answer = "<answer step=\"topic\" value=\"unclear\"/>\n    <handed-off";
    let fewer = with("main-menu", answer, &answer.replace("unclear", "moving"));
    let scripts = application(fewer.path());
    let runs = [("main-menu", scripts["main-menu"].run_tests())];
    let text = test::text(Path::new("utilities"), &runs);
    let expected = "not taken: utilities/scripts/main-menu.xml:18:5: topic → to_faults\n";
    assert!(text.ends_with(expected), "{text}");
}

#[test]
fn a_script_that_is_not_there_is_told_with_the_nearest() {
    let example = example();
    let line = ["test", example.to_str().expect("a path"), "--script", "main-men"];
    let wrong = run(&line).expect_err("there is no such script").to_string();
    assert!(wrong.ends_with("has no script `main-men`; did you mean `main-menu`?"), "{wrong}");
}

#[test]
fn an_application_with_mistakes_is_not_tested() {
    let mistake = with("main-menu", "to=\"to_faults\"", "to=\"to_fautls\"");
    assert_eq!(run(&["test", path(&mistake)]).expect("it says so"), ExitCode::FAILURE);
}

/// What is said of the scripts of a folder; `script` alone, if it is named.
fn checked(folder: &TempDir, script: Option<&str>) -> String {
    let script = script.map(str::to_owned);
    let subject = Subject { app_dir: folder.path().to_owned(), script };
    check::text(Path::new("u"), &check::said(&subject, &OfSite::default()).expect("a folder"))
}

#[test]
fn advice_is_no_mistake_unless_it_is_said_to_be() {
    let unused = with("main-menu", "<input", "<input name=\"reason\"/><input");
    let said = "u/scripts/main-menu.xml:6:16: warning: nothing depends on `reason` [CG0701]\n    \
        leave it out\n0 errors, 1 warning\n`caruso explain CODE` tells more\n";
    assert_eq!(checked(&unused, None), said);
    assert_eq!(checked(&unused, Some("moving-house")), "u: nothing to say of the scripts\n");
    assert_eq!(run(&["check", path(&unused)]).expect("it is checked"), ExitCode::SUCCESS);
    let strict = run(&["check", path(&unused), "--strict"]);
    assert_eq!(strict.expect("it is checked"), ExitCode::FAILURE);
    let example = example();
    let line = ["check", "--strict", example.to_str().expect("a path")];
    assert_eq!(run(&line).expect("it is checked"), ExitCode::SUCCESS);
}

#[test]
fn what_callers_do_not_hear_without_a_voice_is_told_and_silent_questions_are_mistakes() {
    let folder = with("main-menu", "<say recording=\"connecting-faults\">", "<say>");
    let site = folder.path().join("site.toml");
    fs::write(&site, "[speech]\nprogram = \"no-such-voice\"\n").expect("it is written");
    let site = site.to_str().expect("a path");
    let checks = [
        vec!["check", path(&folder), "--script", "main-menu", "--site", site],
        vec!["check", path(&folder), "--script", "main-menu", "--site", site, "--strict"],
    ];
    let codes = checks.each_ref().map(|it| run(it).expect("it is checked"));
    assert_eq!(codes, [ExitCode::SUCCESS, ExitCode::FAILURE]);
    let menu = folder.path().join("scripts/main-menu.xml");
    let text = fs::read_to_string(&menu).expect("a script");
    let silent = text.replace("<say recording=\"welcome\">", "<say>");
    fs::write(&menu, silent.replace("<say recording=\"topic-menu\">", "<say>")).expect("written");
    assert_eq!(run(&checks[0]).expect("it is checked"), ExitCode::FAILURE);
    // where there is one, nothing is to be told
    let voice = folder.path().join("voice");
    fs::write(&voice, "").expect("it is written");
    fs::write(site, format!("[speech]\nprogram = \"{}\"\n", voice.display())).expect("written");
    assert_eq!(run(&checks[1]).expect("it is checked"), ExitCode::SUCCESS);
}

#[test]
fn mistakes_of_scripts_are_told_and_those_elsewhere_are_counted() {
    let wrong = with("main-menu", "queue=\"faults\"", "queue=\"fautls\"");
    fs::write(wrong.path().join("objects/bad.xml"), "<nonsense/>").expect("it is written");
    let said = checked(&wrong, Some("main-menu"));
    assert!(said.starts_with("u/scripts/main-menu.xml:22:34: error: there is no queue"), "{said}");
    assert!(said.ends_with("in other files: `caruso check u`\n"), "{said}");
    assert_eq!(run(&["check", path(&wrong)]).expect("it is checked"), ExitCode::FAILURE);
    let unknown = run(&["check", path(&wrong), "--script", "menu"]).expect_err("there is none");
    assert!(unknown.to_string().contains("has no script `menu`"), "{unknown}");
}

#[test]
fn a_script_is_drawn_wherever_it_is_named() {
    let folder = TempDir::new().expect("a folder");
    let picture = folder.path().join("menu.svg");
    let picture = picture.to_str().expect("a path");
    let example = example();
    let file = example.join("scripts/main-menu.xml");
    for line in [
        ["draw", "main-menu", "--app-dir", example.to_str().expect("a path"), "--svg", picture]
            .as_slice(),
        &["draw", file.to_str().expect("a path"), "--svg", picture],
    ] {
        assert_eq!(run(line).expect("it is drawn"), ExitCode::SUCCESS);
        let svg = fs::read_to_string(picture).expect("a picture");
        assert!(svg.starts_with("<svg ") && svg.contains("to_moving"), "{svg}");
        fs::remove_file(picture).expect("it was there");
    }
    let elsewhere = run(&["draw", "menu.xml"]).expect_err("no application");
    assert!(elsewhere.to_string().contains("in the folder `scripts`"), "{elsewhere}");
}

#[test]
fn the_script_of_the_guide_is_sound_and_says_what_the_guide_says() {
    let guide = include_str!("../../../../docs/guide/dialogue-scripts.md");
    let block = |begin: &str| {
        let (_, rest) = guide.split_once(begin).expect("the guide has such a block");
        rest.split_once("```").expect("it has an end").0.to_owned()
    };
    let folder = TempDir::new().expect("a folder");
    copy(&example(), folder.path());
    let file = folder.path().join("scripts/complaint.xml");
    fs::write(&file, block("```text\n")).expect("it is written");
    let empty = folder::read(folder.path()).expect("a folder").application;
    let empty = empty.expect_err("it has no steps");
    assert!(empty.iter().all(|it| &*it.file == "scripts/complaint.xml"), "{empty:?}");
    fs::write(&file, block("```xml\n")).expect("it is written");
    let runs = [("complaint", application(folder.path())["complaint"].run_tests())];
    let said = block("$ caruso script test . --script complaint\n");
    assert_eq!(test::text(folder.path(), &runs), said);
    assert_eq!(checked(&folder, None), "u: nothing to say of the scripts\n");
    let overlay = block("`overlays/complaint.xml`:\n\n```xml\n");
    fs::write(folder.path().join("overlays/complaint.xml"), overlay).expect("it is written");
    let script = &application(folder.path())["complaint"];
    assert_eq!(script.reference().version, "1.0.0-own");
    assert!(script.run_tests().tests.iter().all(|it| it.failures.is_empty()));
    assert_eq!(checked(&folder, None), "u: nothing to say of the scripts\n");
}
