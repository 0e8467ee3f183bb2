//! `caruso wrapper new`: a wrapper that runs, to be filled with what the other system can do.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use caruso_application::{Application, Finding};
use clap::{Args, ValueEnum};
use serde_json::json;

use crate::components;
use crate::{Format, check, folder, fresh};

/// Longest name of a wrapper or class.
const MAX_NAME: usize = 64;
/// What Python programs import, beside them.
const PYTHON_MODULE: &str = "caruso_wrapper.py";
const MANIFEST: &str = "application.xml";
/// Where no class says one.
const DEFAULT_COUNTRY: &str = "NL";

/// What `caruso wrapper new` is told.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// Its name, as scripts write it: small letters, digits and `_`
    name: String,
    /// What it is written in
    #[arg(long, value_enum, default_value_t = Language::Python)]
    language: Language,
    /// It holds objects of this new class, instead of carrying out operations
    #[arg(long, value_name = "CLASS")]
    class: Option<String>,
    /// The application that it is made for; without it, a folder here and what to paste
    #[arg(long, value_name = "DIR")]
    app: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Language {
    /// Python 3.9 or later, nothing but its standard library
    Python,
    /// Node.js 20, nothing but its own modules
    Node,
}

/// What is made: texts by their paths in the application, and the declaration.
struct Made {
    /// The program and what it may be asked in a trial.
    beside: BTreeMap<String, String>,
    /// The file of its class, with its path.
    model: Option<(String, String)>,
    declaration: String,
}

/// Makes the files; nothing is overwritten, and nothing written where that would spoil the
/// application.
pub(super) fn new(options: &Options, format: Format) -> anyhow::Result<ExitCode> {
    options.check_names()?;
    match &options.app {
        None => options.make_here(format),
        Some(app) => options.make_in(app, format),
    }
}

impl Options {
    fn check_names(&self) -> anyhow::Result<()> {
        let is_part = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_';
        let Self { name, class, .. } = self;
        let is_name = name.starts_with(|it: char| it.is_ascii_lowercase())
            && name.chars().all(is_part)
            && name.len() <= MAX_NAME;
        if !is_name {
            bail!(
                "the name `{name}` must have small letters, digits and `_`, and begin with a letter"
            );
        }
        if components::ALL.contains(&name.as_str()) || name == "demo" {
            bail!("`{name}` is the name of another component");
        }
        let is_class = |class: &String| {
            class.starts_with(|it: char| it.is_ascii_uppercase())
                && class.chars().all(|it| it.is_ascii_alphanumeric())
                && class.len() <= MAX_NAME
        };
        if let Some(class) = class.as_ref().filter(|class| !is_class(class)) {
            bail!("the class `{class}` must have letters and digits, and begin with a capital");
        }
        Ok(())
    }

    /// With labels in this language; the country is that of telephone numbers.
    fn made(&self, language: &str, country: &str) -> Made {
        let name = &self.name;
        let (file, operations, objects) = match self.language {
            Language::Python => {
                ("wrapper.py", include_str!("new/operations.py"), include_str!("new/objects.py"))
            }
            Language::Node => {
                ("wrapper.mjs", include_str!("new/operations.mjs"), include_str!("new/objects.mjs"))
            }
        };
        let program = format!("{name}/{file}");
        let fill = |text: &str| {
            text.replace("@NAME@", name)
                .replace("@PROGRAM@", &program)
                .replace("@CLASS@", self.class.as_deref().unwrap_or_default())
                .replace("@LANGUAGE@", language)
                .replace("@COUNTRY@", country)
        };
        let (text, examples, declaration) = match self.class {
            None => (
                operations,
                include_str!("new/operations.toml"),
                include_str!("new/operations.xml"),
            ),
            Some(_) => (objects, include_str!("new/objects.toml"), include_str!("new/objects.xml")),
        };
        let model = include_str!("new/model.xml");
        let model = self.class.as_ref().map(|_| (format!("objects/{name}.xml"), fill(model)));
        let examples = (format!("{name}/wrapper.test.toml"), fill(examples));
        let mut beside = BTreeMap::from([(program.clone(), fill(text)), examples]);
        if matches!(self.language, Language::Python) {
            let module = format!("{name}/{PYTHON_MODULE}");
            beside.insert(module, caruso_legacy_wrappers::PYTHON.to_owned());
        }
        Made { beside, model, declaration: fill(declaration) }
    }

    /// In a folder of its own; what belongs into an application is printed.
    fn make_here(&self, format: Format) -> anyhow::Result<ExitCode> {
        let made = self.made("en", DEFAULT_COUNTRY);
        let folder = Path::new(".");
        let files = write(folder, &self.name, &made.beside)?;
        let Made { model, declaration, .. } = made;
        match format {
            Format::Json => {
                let model = model.map(|(file, text)| json!({ "file": file, "text": text }));
                println!("{}", json!({ "files": files, "paste": declaration, "model": model }));
            }
            Format::Text => {
                files.iter().for_each(|file| println!("made {}", file.display()));
                println!("into {MANIFEST} of an application, with the folder beside it:\n");
                println!("{declaration}");
                if let Some((file, text)) = model {
                    println!("into {file}:\n\n{text}");
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    /// In an application, which must be sound before and after.
    fn make_in(&self, app: &Path, format: Format) -> anyhow::Result<ExitCode> {
        let read = folder::read(app)?;
        let application = match read.application {
            Ok(application) => application,
            Err(findings) => return Ok(unsound(app, &findings, format)),
        };
        let country = application.model.classes().next().map(|class| class.country.code());
        let made = self.made(&application.language, country.unwrap_or(DEFAULT_COUNTRY));
        let Made { mut beside, model, declaration } = made;
        let release = read.release.files();
        beside.extend(model);
        if let Some(file) = beside.keys().find(|file| release.contains_key(*file)) {
            bail!("{} is there already; nothing was written", app.join(file).display());
        }
        let manifest = release.get(MANIFEST).map(|it| String::from_utf8_lossy(it).into_owned());
        let manifest = declared(&manifest.unwrap_or_default(), &declaration);
        let old = release.iter().filter(|(path, _)| *path != MANIFEST);
        let all = old.map(|(path, content)| (path.as_str(), content.as_ref()));
        let new = beside.iter().map(|(path, text)| (path.as_str(), text.as_bytes()));
        let all = all.chain(new).chain([(MANIFEST, manifest.as_bytes())]);
        match Application::compile(all) {
            Ok(application) if application.wrappers.iter().any(|it| it.name == self.name) => {}
            Ok(_) => bail!(
                "there is no place for the declaration in {MANIFEST}; nothing was written. \
                 Make it without --app and paste it"
            ),
            Err(findings) => return Ok(unsound(app, &findings, format)),
        }
        let files = write(app, &self.name, &beside)?;
        replace(&app.join(MANIFEST), &manifest)?;
        match format {
            Format::Json => println!("{}", json!({ "files": files, "application": app })),
            Format::Text => {
                files.iter().for_each(|file| println!("made {}", file.display()));
                println!("declared in {}", app.join(MANIFEST).display());
                println!("`caruso wrapper test {} --app {}` tries it", self.name, app.display());
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn unsound(app: &Path, findings: &[Finding], format: Format) -> ExitCode {
    check::print(app, findings, format);
    ExitCode::FAILURE
}

/// The manifest with the declaration of a wrapper as its first.
pub(super) fn declared(manifest: &str, declaration: &str) -> String {
    const TITLE: &str = "</title>";
    let Some(end) = manifest.rfind(TITLE).map(|start| start + TITLE.len()) else {
        return manifest.to_owned();
    };
    let (before, after) = manifest.split_at(end);
    format!("{before}\n\n{}{after}", declaration.trim_end())
}

/// Writes files that are not there yet; the wrapper's own folder must not be, either.
fn write(
    root: &Path,
    name: &str,
    files: &BTreeMap<String, String>,
) -> anyhow::Result<Vec<PathBuf>> {
    let own = root.join(name);
    if own.exists() {
        bail!("{} is there already; nothing was written", own.display());
    }
    fresh::write(root, files.iter().map(|(path, text)| (path.as_str(), text.as_bytes())))
}

/// Wholly or not at all.
fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    let next = path.with_extension("xml.new");
    fs::write(&next, text)
        .and_then(|()| fs::rename(&next, path))
        .with_context(|| format!("cannot write the file {}", path.display()))
}
