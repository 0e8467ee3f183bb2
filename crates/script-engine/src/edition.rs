//! The application as of one release: in force for new sessions, or kept for those that run on it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use bytes::Bytes;
use caruso_application::object_model::{Class, Member};
use caruso_application::{Application, Finding};
use caruso_component::{Release, read_file, replace_file};
use caruso_dialogue::Script;

use crate::Error;

/// A release as the engine works with it.
#[derive(Debug)]
pub struct Edition {
    digest: String,
    application: Arc<Application>,
}

impl Edition {
    /// Digest of the release.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Name of the application.
    pub fn application(&self) -> &str {
        &self.application.id
    }

    /// All scripts, by name.
    pub(crate) fn scripts(&self) -> impl Iterator<Item = &Script> {
        self.application.scripts.values().map(|it| &**it)
    }

    /// A script by name.
    pub(crate) fn script(&self, name: &str) -> Option<&Arc<Script>> {
        self.application.scripts.get(name)
    }

    pub(crate) fn class(&self, name: &str) -> Option<&Class> {
        self.application.model.class(name)
    }

    /// The class that a relation leads to.
    pub(crate) fn target(&self, class: &str, relation: &str) -> Option<&Class> {
        match self.class(class)?.member(relation)? {
            Member::ToOne(relation) => self.class(&relation.class),
            Member::Attribute(_) | Member::ToMany(_) | Member::Derived(_) => None,
        }
    }

    /// What people call a class.
    pub(crate) fn label<'a>(&'a self, class: &'a str) -> &'a str {
        let label = |found: &'a Class| found.labels.text(&self.application.language);
        self.class(class).and_then(label).unwrap_or(class)
    }
}

/// All editions: the one in force, and those of sessions that run on older ones.
///
/// Each stands in a file of its own, named by its digest: what is needed to compile its scripts
/// again, the XML files and the names of the others.
#[derive(Debug)]
pub struct Editions {
    folder: PathBuf,
    current: RwLock<Option<Arc<Edition>>>,
    /// Digests that were in force since files were last pruned; a session may be starting on them.
    recent: Mutex<BTreeSet<String>>,
    kept: Mutex<BTreeMap<String, Arc<Edition>>>,
}

/// Text of an XML file, or nothing for the others, by path.
type Kept = BTreeMap<String, Option<String>>;

impl Editions {
    /// Those in a folder; nothing is read yet, and none is in force.
    pub fn open(folder: impl Into<PathBuf>) -> Self {
        let (current, recent, kept) = Default::default();
        Self { folder: folder.into(), current, recent, kept }
    }

    /// Compiles a release, keeps what its sessions will need, and starts new sessions on it.
    ///
    /// # Errors
    /// Every finding of its files, or that it cannot be kept; the edition before stays in force.
    pub fn adopt(&self, release: &Release) -> Result<Arc<Edition>, Vec<String>> {
        let files: Kept = release.files().iter().filter_map(keep).collect();
        let application = release.compiled(Application::compile)?;
        let edition = Arc::new(Edition { digest: release.digest().to_owned(), application });
        let content = serde_json::to_vec(&files).expect("texts by path are JSON");
        let mut recent = lock(&self.recent);
        let written = replace_file(&self.path(release.digest()), &content);
        written.map_err(|error| vec![error.to_string()])?;
        recent.insert(edition.digest.clone());
        lock(&self.kept).insert(edition.digest.clone(), Arc::clone(&edition));
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&edition));
        Ok(edition)
    }

    pub(crate) fn current(&self) -> Option<Arc<Edition>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The mistakes, or else the advice, if a file of the edition in force were this one.
    pub(crate) fn with_script(
        &self,
        path: &str,
        text: String,
    ) -> Result<Result<Vec<Finding>, Vec<Finding>>, Error> {
        let current = self.current().ok_or(Error::NoRelease)?;
        let mut files = self.files(&current.digest)?;
        files.insert(path.to_owned(), Some(text));
        Ok(application(&files).map(|it| it.advice))
    }

    /// The files of a digest, from disk.
    fn files(&self, digest: &str) -> Result<Kept, Error> {
        let gone = |why: &str| Error::Unreadable(format!("its release {digest} {why}"));
        let content = read_file(&self.path(digest))?.ok_or_else(|| gone("is no longer kept"))?;
        serde_json::from_slice(&content).map_err(|_| gone("is damaged"))
    }

    /// The edition of a digest, from disk where it is not in memory.
    pub(crate) fn of(&self, digest: &str) -> Result<Arc<Edition>, Error> {
        if let Some(edition) = lock(&self.kept).get(digest) {
            return Ok(Arc::clone(edition));
        }
        let gone =
            |_| Error::Unreadable(format!("its release {digest} is not understood any more"));
        let application = application(&self.files(digest)?).map_err(gone)?.into();
        let edition = Arc::new(Edition { digest: digest.to_owned(), application });
        lock(&self.kept).insert(digest.to_owned(), Arc::clone(&edition));
        Ok(edition)
    }

    /// Drops what is neither in `used` nor was in force lately; answers how many files went.
    pub(crate) fn prune(&self, used: &[String]) -> usize {
        let mut recent = lock(&self.recent);
        let used: BTreeSet<String> = used.iter().chain(&*recent).cloned().collect();
        *recent = self.current().iter().map(|edition| edition.digest.clone()).collect();
        lock(&self.kept).retain(|digest, _| used.contains(digest));
        let used: BTreeSet<PathBuf> = used.iter().map(|digest| self.path(digest)).collect();
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return 0 };
        let files = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
        let old = files.filter(|path| !used.contains(path) && is_edition(path));
        old.filter(|path| std::fs::remove_file(path).is_ok()).count()
    }

    fn path(&self, digest: &str) -> PathBuf {
        let name: String =
            digest.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        self.folder.join(name).with_extension("json")
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_edition(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "json")
}

/// Data is not needed; of prompts and programs only the names.
fn keep((path, content): (&String, &Bytes)) -> Option<(String, Option<String>)> {
    if path.ends_with(".xml") {
        return Some((path.clone(), Some(String::from_utf8_lossy(content).into_owned())));
    }
    (!path.starts_with("data/")).then(|| (path.clone(), None))
}

fn application(files: &Kept) -> Result<Application, Vec<Finding>> {
    let files = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_deref().unwrap_or_default().as_bytes()));
    Application::compile(files)
}
