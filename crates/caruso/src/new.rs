//! `caruso new`: a small application that runs, to be filled with what a company does.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::json;

use crate::{Format, fresh};

/// Longest name of an application.
const MAX_NAME: usize = 64;
/// The number that its customers call.
const NUMBER: &str = "0305550100";

/// What every new application has, by its path in the folder.
const TEXTS: [(&str, &str); 7] = [
    ("application.xml", include_str!("new/application.xml")),
    ("routing.xml", include_str!("new/routing.xml")),
    ("objects/company.xml", include_str!("new/objects/company.xml")),
    ("scripts/welcome.xml", include_str!("new/scripts/welcome.xml")),
    ("data/Customer.csv", include_str!("new/data/Customer.csv")),
    ("data/Request.csv", include_str!("new/data/Request.csv")),
    ("demo.toml", include_str!("new/demo.toml")),
];
/// What its callers hear.
const SOUNDS: [(&str, &[u8]); 2] = [
    ("prompts/en/menu.wav", include_bytes!("new/prompts/en/menu.wav")),
    (
        "prompts/waiting-music.wav",
        include_bytes!("../../../examples/utilities/prompts/waiting-music.wav"),
    ),
];

/// What `caruso new` is told.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The folder that is made; its name is that of the application
    app_dir: PathBuf,
}

/// Makes the folder; nothing is overwritten.
pub(crate) fn new(options: &Options, format: Format) -> anyhow::Result<ExitCode> {
    let folder = &options.app_dir;
    let name = name(folder)?;
    if folder.exists() && !is_empty(folder)? {
        bail!("{} is there already, and not empty; nothing was written", folder.display());
    }
    let texts = texts(&name);
    let texts = texts.iter().map(|(path, text)| (*path, text.as_bytes()));
    let files = fresh::write(folder, texts.chain(SOUNDS))?;
    match format {
        Format::Json => println!("{}", json!({ "files": files, "application": folder })),
        Format::Text => {
            files.iter().for_each(|file| println!("made {}", file.display()));
            let folder = folder.display();
            println!("`caruso check {folder}` reads all of it, `caruso up {folder}` lets it run;");
            println!("then `caruso call {NUMBER} --dtmf 1` calls it");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The application's name, which is that of its folder.
fn name(folder: &Path) -> anyhow::Result<String> {
    let whole = std::path::absolute(folder)
        .with_context(|| format!("`{}` is no folder", folder.display()))?;
    let name = whole.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let is_name = name.starts_with(|it: char| it.is_ascii_lowercase())
        && name.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-')
        && name.len() <= MAX_NAME;
    if !is_name {
        bail!("the name `{name}` must have small letters, digits and `-`, and begin with a letter");
    }
    Ok(name)
}

fn is_empty(folder: &Path) -> anyhow::Result<bool> {
    let mut entries = std::fs::read_dir(folder)
        .with_context(|| format!("cannot read the folder {}", folder.display()))?;
    Ok(entries.next().is_none())
}

/// The texts with the name filled in, and a title that is made of it.
fn texts(name: &str) -> Vec<(&'static str, String)> {
    let mut title = name.replace('-', " ");
    title.get_mut(..1).into_iter().for_each(str::make_ascii_uppercase);
    let fill = |text: &str| text.replace("@ID@", name).replace("@TITLE@", &title);
    TEXTS.iter().map(|(path, text)| (*path, fill(text))).collect()
}

#[cfg(test)]
mod tests {
    use caruso_application::Application;

    use super::*;

    #[test]
    fn a_new_application_is_sound_and_heard_without_a_voice_where_it_asks() {
        let texts = texts("my-company");
        let texts = texts.iter().map(|(path, text)| (*path, text.as_bytes()));
        let files = texts.chain(SOUNDS).filter(|(path, _)| *path != "demo.toml");
        let application = Application::compile(files).expect("it is sound");
        assert_eq!(application.id, "my-company");
        assert_eq!(application.titles["en"], "My company");
        assert!(application.routing.numbers.contains_key(NUMBER));
        assert!(application.routing_advice.is_empty(), "{:?}", application.routing_advice);
        assert!(application.unheard.iter().all(|it| !it.is_question));
    }

    #[test]
    fn an_application_has_the_name_of_its_folder() {
        assert_eq!(name(Path::new("/x/my-company/")).expect("a name"), "my-company");
        for folder in ["/", "My Company", "7up", "a&b", "a/.."] {
            let said = name(Path::new(folder)).expect_err("no name").to_string();
            assert!(said.contains("must have small letters"), "{said}");
        }
    }
}
