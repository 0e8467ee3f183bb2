//! The scripts that the application publishes.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use caruso_application::Application;
use caruso_component::{Component, Release};

/// A script that everybody may start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Published {
    /// In the address of its page.
    pub(crate) path: String,
    /// Its name.
    pub(crate) script: String,
    /// Its languages, its own first, with its title in each.
    pub(crate) titles: Vec<(String, String)>,
}

/// What the pages need to know of the application; nothing is published before the first release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Publication {
    /// What people call the company, by language.
    pub(crate) names: BTreeMap<String, String>,
    /// The language of the application.
    pub(crate) language: String,
    /// In the order of `application.xml`.
    pub(crate) scripts: Vec<Published>,
}

/// The newest, for all who serve pages.
pub(crate) type Current = Arc<ArcSwap<Publication>>;

impl Published {
    pub(crate) fn languages(&self) -> Vec<&str> {
        self.titles.iter().map(|(language, _)| language.as_str()).collect()
    }

    /// The title in one of its languages, else in its own.
    pub(crate) fn title(&self, language: &str) -> &str {
        let title = self.titles.iter().find(|(tag, _)| tag == language);
        title.or_else(|| self.titles.first()).map_or("", |(_, title)| title)
    }
}

impl Publication {
    fn of(application: &Application) -> Self {
        let scripts = application.web.iter().filter_map(|(path, script)| {
            let known = application.scripts.get(script)?;
            let title = |tag: &str| (tag.to_owned(), known.title_in(tag));
            let titles = known.languages().map(title).collect();
            Some(Published { path: path.clone(), script: script.clone(), titles })
        });
        Self {
            names: application.titles.clone(),
            language: application.language.clone(),
            scripts: scripts.collect(),
        }
    }

    pub(crate) fn script(&self, path: &str) -> Option<&Published> {
        self.scripts.iter().find(|it| it.path == path)
    }

    /// All languages of all scripts, in the order in which they come.
    pub(crate) fn languages(&self) -> Vec<&str> {
        let mut languages: Vec<&str> = Vec::new();
        for tag in self.scripts.iter().flat_map(Published::languages) {
            if !languages.contains(&tag) {
                languages.push(tag);
            }
        }
        languages
    }

    /// What people call the company.
    pub(crate) fn name(&self, language: &str) -> &str {
        let name = self.names.get(language).or_else(|| self.names.get(&self.language));
        name.map_or("", String::as_str)
    }
}

/// Takes up releases as they come, until the component ends.
pub(crate) async fn follow(component: Component, current: Current) {
    component.take_releases(read, |publication| current.store(Arc::new(publication))).await;
}

fn read(release: &Release) -> Result<Publication, Vec<String>> {
    release.compiled(Application::compile).map(|application| Publication::of(&application))
}
