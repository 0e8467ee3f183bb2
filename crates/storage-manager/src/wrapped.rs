//! Classes that wrappers hold, read like those of databases.
//!
//! A request asks the wrapper first, for what it can look by ([`wanted`]); what it gives, at most
//! [`MOST_OBJECTS`], stands in a table of its own in memory for as long as the request takes
//! ([`scratch`]), and the statement is asked of that. To all others the class is one in a database
//! that has no other class, so that what leads there is taken apart like what leads into other
//! databases ([`crate::reach`]).

mod changing;
pub(crate) mod remote;
mod scratch;
pub(crate) mod source;
mod wanted;

use std::time::Duration;

use sea_orm::sea_query::SelectStatement;
use sea_orm::{DbBackend, QueryResult, Statement};

use crate::compile::Plans;
use crate::database::Database;
use crate::engine::Engine;
use crate::error::{Error, unavailable};
use crate::plan::{Plan, Seen, StoredObject};
use crate::rights::Sight;
use scratch::Scratch;
use source::{AT_ONCE, Answer, Given, Having, NoAnswer, Question};
use wanted::Ask;

pub(crate) use changing::Behind;
pub(crate) use wanted::Wanted;

/// The most objects that a wrapper gives to one request.
pub(crate) const MOST_OBJECTS: usize = 1_000;
/// The longest that a wrapper is waited for in one request.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where the objects of a request are.
#[derive(Debug)]
pub(crate) enum Held<'a> {
    /// In a database.
    Database(&'a Database),
    /// In memory, since a wrapper gave them.
    Scratch(Scratch),
}

impl Held<'_> {
    /// The rows of a statement.
    pub(crate) async fn select(&self, select: &SelectStatement) -> Result<Vec<QueryResult>, Error> {
        match self {
            Self::Database(database) => database.select(select).await,
            Self::Scratch(_) => self.all(DbBackend::Sqlite.build(select)).await,
        }
    }

    /// The rows of a statement.
    pub(crate) async fn all(&self, statement: Statement) -> Result<Vec<QueryResult>, Error> {
        match self {
            Self::Database(database) => database.all(statement).await,
            Self::Scratch(scratch) => scratch.all(statement).await.map_err(unavailable("memory")),
        }
    }

    /// The object in a row of [`Plan::select`].
    pub(crate) fn object(&self, plan: &Plan, row: &QueryResult, sight: &Sight) -> StoredObject {
        self.seen(plan, row, sight).stored()
    }

    /// The same, as it stands in the row.
    pub(crate) fn seen<'p>(
        &'p self,
        plan: &'p Plan,
        row: &QueryResult,
        sight: &'p Sight,
    ) -> Seen<'p> {
        match self {
            Self::Database(_) => plan.seen(row, 0, sight),
            Self::Scratch(scratch) => scratch.seen(plan, row, sight),
        }
    }
}

impl Engine {
    /// Where the objects of a class are that a statement is about. Of a wrapper, these are fetched,
    /// and perhaps others.
    ///
    /// # Errors
    ///
    /// [`Error::Away`] and [`Error::Late`] of a wrapper, [`Error::TooManyBehind`] when it has more
    /// than [`MOST_OBJECTS`] of what it was asked.
    pub(crate) async fn held<'a>(
        &'a self,
        plan: &Plan,
        wanted: &Wanted<'_>,
    ) -> Result<Held<'a>, Error> {
        if plan.class.wrapper.is_none() {
            return Ok(Held::Database(self.database(plan)?));
        }
        let given = self.given(plan, wanted).await?;
        let scratch = Scratch::of(&self.model, plan, given).await;
        scratch.map(Held::Scratch).map_err(unavailable("memory"))
    }

    /// What a wrapper gives of what is wanted, and perhaps more.
    async fn given(&self, plan: &Plan, wanted: &Wanted<'_>) -> Result<Vec<Given>, Error> {
        let asked = Asked { engine: self, plan, ask: wanted.ask(&self.plans, plan) };
        match tokio::time::timeout(PATIENCE, asked.all()).await {
            Ok(given) => given,
            Err(_) => Err(late(plan)),
        }
    }
}

/// That what holds a class takes too long.
pub(crate) fn late(plan: &Plan) -> Error {
    match plan.class.wrapper.clone() {
        Some(wrapper) => Error::Late { wrapper },
        None => Error::Slow { database: plan.class.database.clone() },
    }
}

/// Adds the classes that wrappers hold to the plans; answers with what does not fit.
pub(crate) async fn plan(
    model: &caruso_object_model::Model,
    plans: &mut Plans,
) -> Result<Vec<String>, Error> {
    let mut findings = Vec::new();
    for class in model.classes().filter(|class| class.wrapper.is_some()) {
        let planned = Scratch::plan(model, class).await.map_err(unavailable("memory"))?;
        plans.extend(planned.0.map(|plan| (class.name.clone(), plan)));
        findings.extend(planned.1);
    }
    Ok(findings)
}

/// What a wrapper is asked for a request.
struct Asked<'a> {
    engine: &'a Engine,
    plan: &'a Plan,
    ask: Ask,
}

impl Asked<'_> {
    async fn all(&self) -> Result<Vec<Given>, Error> {
        let mut all = Vec::new();
        match &self.ask {
            Ask::Keys(keys) if keys.len() > MOST_OBJECTS => return Err(self.too_many()),
            Ask::Keys(keys) => {
                for keys in keys.chunks(AT_ONCE) {
                    let (wrapper, class) = (self.wrapper(), &self.plan.class.name);
                    let answer = self.engine.source.get(wrapper, class, keys).await;
                    all.extend(self.told(answer)?.objects);
                }
            }
            Ask::Having(having) => {
                for having in rounds(having) {
                    self.add_round(having, &mut all).await?;
                }
            }
        }
        Ok(all)
    }

    /// All objects that satisfy some conditions.
    async fn add_round(&self, having: Having, all: &mut Vec<Given>) -> Result<(), Error> {
        let class = self.plan.class.name.clone();
        let mut question = Question { class, having, cursor: String::new() };
        loop {
            let answer = self.engine.source.query(self.wrapper(), &question).await;
            let answer = self.told(answer)?;
            all.extend(answer.objects);
            if all.len() > MOST_OBJECTS {
                return Err(self.too_many());
            }
            question.cursor = answer.next;
            if question.cursor.is_empty() {
                return Ok(());
            }
        }
    }

    fn told(&self, answer: Result<Answer, NoAnswer>) -> Result<Answer, Error> {
        answer.map_err(|no_answer| match no_answer {
            NoAnswer::TooMuch => self.too_many(),
            NoAnswer::Later(reason) => Error::Away { wrapper: self.wrapper().to_owned(), reason },
        })
    }

    fn too_many(&self) -> Error {
        let said = |name: &&str| match &self.ask {
            Ask::Keys(_) => false,
            Ask::Having(having) => having.contains_key(*name),
        };
        let wanted = self.plan.class.searches().filter(|name| !said(name));
        Error::TooManyBehind {
            class: self.plan.class.name.clone(),
            wrapper: self.wrapper().to_owned(),
            wanted: wanted.map(str::to_owned).collect(),
        }
    }

    fn wrapper(&self) -> &str {
        self.plan.class.wrapper.as_deref().unwrap_or_default()
    }
}

/// Conditions with few enough values: of the name that has the most, some at a time; of another
/// one that has too many, none.
fn rounds(having: &Having) -> Vec<Having> {
    if having.values().any(Vec::is_empty) {
        return Vec::new();
    }
    let most = having.iter().max_by_key(|(_, values)| values.len());
    let Some((most, values)) = most.filter(|(_, values)| values.len() > AT_ONCE) else {
        return vec![having.clone()];
    };
    let mut others = having.clone();
    others.retain(|name, values| name != most && values.len() <= AT_ONCE);
    let round = |values: &[_]| {
        let mut round = others.clone();
        round.insert(most.clone(), values.to_vec());
        round
    };
    values.chunks(AT_ONCE).map(round).collect()
}
