//! An application's folder, read into a release.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail};
use caruso_application::{Application, Finding};
use caruso_component::{MOST_BYTES, MOST_FILES, Release};

/// File of demo users; it belongs to the example's folder, not to its release.
pub(crate) const DEMO_FILE: &str = "demo.toml";

/// What a folder holds: its release, and the application that it compiles to, or every finding.
pub(crate) struct Folder {
    pub(crate) release: Release,
    pub(crate) application: Result<Application, Vec<Finding>>,
}

/// Reads and checks a folder. Files whose names begin with a dot are no part of an application.
pub(crate) fn read(folder: &Path) -> anyhow::Result<Folder> {
    let mut files = BTreeMap::new();
    let mut bytes = 0;
    collect(folder, folder, &mut files, &mut bytes)?;
    let release = Release::new(files);
    let named = release.files().iter();
    let named = named.map(|(path, content)| (path.as_str(), content.as_ref()));
    let application = Application::compile(named);
    Ok(Folder { release, application })
}

type Files = BTreeMap<String, bytes::Bytes>;

fn collect(root: &Path, folder: &Path, files: &mut Files, bytes: &mut usize) -> anyhow::Result<()> {
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("cannot read the folder {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if name.starts_with('.') || name == "__pycache__" {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            collect(root, &path, files, bytes)?;
        } else if kind.is_file() && !(folder == root && name == DEMO_FILE) {
            let content = std::fs::read(&path)
                .with_context(|| format!("cannot read the file {}", path.display()))?;
            *bytes += content.len();
            let relative = path.strip_prefix(root).unwrap_or(&path);
            let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
            files.insert(parts.join("/"), content.into());
            if files.len() > MOST_FILES || *bytes > MOST_BYTES {
                bail!(
                    "the folder {} is too large for an application: at most {MOST_FILES} files and \
                     {} MiB",
                    root.display(),
                    MOST_BYTES / 1024 / 1024
                );
            }
        }
    }
    Ok(())
}
