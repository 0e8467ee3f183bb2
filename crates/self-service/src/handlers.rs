//! What is answered to which request.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Path, RawQuery, Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use caruso_api::script::v1 as proto;
use caruso_component::token::hex;
use http::header::ACCEPT_LANGUAGE;
use http::{HeaderMap, StatusCode};
use minijinja::value::Serde;
use minijinja::{Value, context};
use proto::{Answered, View};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::engine::{Answer, Engine, Refusal};
use crate::form::Form;
use crate::language::best;
use crate::limits::{Counter, Turn};
use crate::link::{Dead, Links};
use crate::page::{Kind, Page, asked};
use crate::phrases::Phrases;
use crate::published::{Current, Publication};
use crate::render::{Templates, see_other, style};
use crate::together::Together;

/// Most bytes of a form: twelve answers of 2,000 characters, each written as `%XX` of up to four
/// bytes, and the rest.
const MOST_BYTES: usize = 320 * 1024;
/// Requests that are worked on at the same time; further ones are told to come again.
const MOST_REQUESTS: usize = 256;
/// How often a page looks again by itself what came of an action.
const MOST_LOOKS: u32 = 30;

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) links: Links,
    pub(crate) publication: Current,
    pub(crate) templates: Templates,
    pub(crate) counter: Mutex<Counter>,
    /// What stands before the paths in links, as `https://service.example`.
    pub(crate) public_url: String,
    pub(crate) is_behind_proxy: bool,
}

type Site = State<Arc<Shared>>;

/// Every path there is.
pub(crate) fn router(shared: Shared) -> Router {
    let room = Arc::new(Semaphore::new(MOST_REQUESTS));
    let shared = Arc::new(shared);
    let full = Arc::clone(&shared);
    let bounded = move |request: Request, next: Next| {
        let (room, shared) = (Arc::clone(&room), Arc::clone(&full));
        async move {
            match room.try_acquire() {
                Ok(_turn) => next.run(request).await,
                Err(_) => shared.away(""),
            }
        }
    };
    Router::new()
        .route("/", get(list))
        .route("/style.css", get(async || style()))
        .route("/{path}", get(introduce).post(start))
        .route("/s/{token}", get(show).post(answer))
        .fallback(async |State(shared): Site| shared.missing(""))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .layer(middleware::from_fn(bounded))
        .with_state(shared)
}

/// Everything that is published.
async fn list(State(shared): Site, query: RawQuery, headers: HeaderMap) -> Response {
    let publication = shared.publication.load();
    let languages = publication.languages();
    let language = wanted(&parameter(&query, "lang"), &headers, &languages);
    let t = Phrases::of(&language);
    let scripts = publication.scripts.iter().map(|it| {
        let own = best(&language, "", &it.languages()).unwrap_or_default().to_owned();
        context! { path => &it.path, title => it.title(&own), language => own }
    });
    let page = context! {
        title => t.company_pages,
        scripts => scripts.collect::<Vec<_>>(),
        start => "",
        languages => choices(&languages, &language),
        language,
    };
    shared.page(StatusCode::OK, "start.html", &publication, t, page)
}

/// One script, before it is started: programs that look at links start nothing.
async fn introduce(
    State(shared): Site,
    Path(path): Path<String>,
    query: RawQuery,
    headers: HeaderMap,
) -> Response {
    let publication = shared.publication.load();
    let Some(script) = publication.script(&path) else {
        return shared.missing(&accepted(&headers));
    };
    let languages = script.languages();
    let language = wanted(&parameter(&query, "lang"), &headers, &languages);
    let t = Phrases::of(&language);
    let page = context! {
        title => script.title(&language),
        scripts => Vec::<Value>::new(),
        start => path,
        languages => choices(&languages, &language),
        language,
    };
    shared.page(StatusCode::OK, "start.html", &publication, t, page)
}

async fn start(
    State(shared): Site,
    Path(path): Path<String>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let publication = shared.publication.load_full();
    let Some(script) = publication.script(&path) else {
        return shared.missing(&accepted(&headers));
    };
    let language = wanted(&Form::read(&body).language, &headers, &script.languages());
    if !shared.takes(peer, &headers, Turn::Start) {
        return shared.too_many(&language);
    }
    match shared.engine.start(&script.script, &language).await {
        Ok(session) => {
            let name = &script.script;
            tracing::info!(script.session = %session, script.name = name, "started on the web");
            see_other(&shared.path(session))
        }
        Err(_) => shared.away(&language),
    }
}

/// Where a session is, or one of its earlier questions (`?change=STEP`).
async fn show(
    State(shared): Site,
    Path(token): Path<String>,
    query: RawQuery,
    headers: HeaderMap,
) -> Response {
    let language = accepted(&headers);
    let session = match shared.links.session(&token, SystemTime::now()) {
        Ok(session) => session,
        Err(dead) => return shared.dead(dead, &language),
    };
    let view = match shared.engine.settled(session).await {
        Ok(view) => view,
        Err(refusal) => return shared.refused(&refusal, &language),
    };
    let t = Phrases::of(&view.language);
    let (step, place) = (parameter(&query, "change"), parameter(&query, "at").parse::<usize>());
    let mut trail = view.trail.iter().enumerate();
    // a row is named by its place on the page: it may be the key of somebody's object
    let is_it = |(at, it): &(usize, &Answered)| {
        it.step == step && place.as_ref().map_or(it.row.is_empty(), |place| place == at)
    };
    let changed = trail.find(is_it).and_then(|(_, it)| Page::changing(&view, it, None, t));
    let page = changed.unwrap_or_else(|| Page::of(&view, None, t));
    let notice = match parameter(&query, "notice").as_str() {
        "late" => t.late,
        "locked" => t.locked,
        _ => "",
    };
    let looks = parameter(&query, "looks").parse().unwrap_or(0);
    shared.step(session, &page, notice, looks)
}

async fn answer(
    State(shared): Site,
    Path(token): Path<String>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let language = accepted(&headers);
    let session = match shared.links.session(&token, SystemTime::now()) {
        Ok(session) => session,
        Err(dead) => return shared.dead(dead, &language),
    };
    if !shared.takes(peer, &headers, Turn::Answer) {
        return shared.too_many(&language);
    }
    let view = match shared.engine.view(session).await {
        Ok(view) => view,
        Err(refusal) => return shared.refused(&refusal, &language),
    };
    let (form, path) = (Form::read(&body), shared.path(session));
    match shared.take(session, &view, &form, &body).await {
        Ok(()) => see_other(&path),
        Err(Refusal::Stale) => see_other(&format!("{path}?notice=late")),
        Err(Refusal::Locked) => see_other(&format!("{path}?notice=locked")),
        Err(Refusal::Gone) => shared.dead(Dead::Expired, &view.language),
        Err(refusal) => shared.again(session, &view, &form, &refusal),
    }
}

impl Shared {
    /// Sends an answer. The same form has the same request id: sent twice, it counts once.
    async fn take(
        &self,
        session: Uuid,
        view: &View,
        form: &Form,
        body: &[u8],
    ) -> Result<(), Refusal> {
        let request = format!("web:{}", hex(&Sha256::digest(body)));
        let t = Phrases::of(&view.language);
        if !form.interrupt.is_empty() {
            let interrupt = form.interrupt.clone();
            let (session_id, sequence) = (session.to_string(), form.sequence);
            let begun =
                proto::InterruptRequest { request_id: request, session_id, sequence, interrupt };
            return self.engine.interrupt(begun).await;
        }
        if !form.page.is_empty() {
            let page = Together::of(view, form).ok_or(Refusal::Stale)?;
            return self.engine.answer_page(page.answers(form, session, request, t)).await;
        }
        let question = asked(view, &form.step, &form.row).ok_or(Refusal::Stale)?;
        let value = form.answer(question, &view.language).ok_or(Refusal::Answer)?;
        let reason = form.kept_because(t.confirmed);
        self.engine
            .answer(Answer {
                request,
                session,
                sequence: form.sequence,
                step: form.step.clone(),
                row: form.row.clone(),
                value,
                special: form.special,
                reason: reason.to_owned(),
            })
            .await
    }

    /// The question again, with what was sent and what is wrong with it.
    fn again(&self, session: Uuid, view: &View, form: &Form, refusal: &Refusal) -> Response {
        let (t, sent) = (Phrases::of(&view.language), Some((form, refusal)));
        let here = view.page.as_ref().map(|it| it.id.as_str()).unwrap_or_default();
        let is_here = form.row == view.row
            && if form.page.is_empty() { form.step == view.step } else { form.page == here };
        let page = match is_here {
            true => Some(Page::of(view, sent, t)),
            false if !form.page.is_empty() => {
                Page::changing_page(view, &form.page, &form.row, sent, t)
            }
            false => {
                let is_it = |it: &&Answered| it.step == form.step && it.row == form.row;
                let answered = view.trail.iter().find(is_it);
                answered.and_then(|it| Page::changing(view, it, sent, t))
            }
        };
        match page.filter(Page::is_refusal) {
            Some(page) => self.step(session, &page, "", 0),
            None => self.away(&view.language),
        }
    }

    fn step(&self, session: Uuid, page: &Page, notice: &str, looks: u32) -> Response {
        let t = Phrases::of(&page.language);
        let publication = self.publication.load();
        let path = self.path(session);
        let is_over = matches!(page.kind, Kind::Ended | Kind::HandedOff | Kind::Cancelled);
        let looks = (page.kind == Kind::Waiting && looks < MOST_LOOKS).then_some(looks + 1);
        let status = match page.is_refusal() {
            true => StatusCode::UNPROCESSABLE_ENTITY,
            false => StatusCode::OK,
        };
        let page = context! {
            wrong => !page.questions.is_empty() && page.is_refusal(),
            page => Value::from(Serde(page)),
            title => &page.title,
            notice,
            looks,
            is_over,
            link => format!("{}{path}", self.public_url),
            path,
        };
        self.page(status, "step.html", &publication, t, page)
    }

    fn path(&self, session: Uuid) -> String {
        format!("/s/{}", self.links.token(session))
    }

    /// Whether this client may do that now.
    fn takes(&self, peer: SocketAddr, headers: &HeaderMap, turn: Turn) -> bool {
        let address = match self.is_behind_proxy {
            true => forwarded(headers).unwrap_or(peer.ip()),
            false => peer.ip(),
        };
        let mut counter = self.counter.lock().unwrap_or_else(PoisonError::into_inner);
        counter.takes(address, turn, Instant::now())
    }

    fn refused(&self, refusal: &Refusal, language: &str) -> Response {
        match refusal {
            Refusal::Gone => self.dead(Dead::Expired, language),
            _ => self.away(language),
        }
    }

    fn dead(&self, dead: Dead, language: &str) -> Response {
        let t = self.phrases(language);
        match dead {
            Dead::Unknown => self.missing(language),
            Dead::Expired => self.message(StatusCode::GONE, t.expired, t.expired_text, t),
        }
    }

    fn missing(&self, language: &str) -> Response {
        let t = self.phrases(language);
        self.message(StatusCode::NOT_FOUND, t.missing, t.missing_text, t)
    }

    fn too_many(&self, language: &str) -> Response {
        let t = self.phrases(language);
        self.message(StatusCode::TOO_MANY_REQUESTS, t.too_many, t.too_many_text, t)
    }

    fn away(&self, language: &str) -> Response {
        let t = self.phrases(language);
        self.message(StatusCode::SERVICE_UNAVAILABLE, t.away, t.away_text, t)
    }

    /// In a language that scripts have, or a browser wants.
    fn phrases(&self, language: &str) -> &'static Phrases {
        let publication = self.publication.load();
        Phrases::of(best("", language, &publication.languages()).unwrap_or_default())
    }

    fn message(
        &self,
        status: StatusCode,
        title: &str,
        text: &str,
        t: &'static Phrases,
    ) -> Response {
        let publication = self.publication.load();
        self.page(status, "message.html", &publication, t, context! { title, text })
    }

    fn page(
        &self,
        status: StatusCode,
        template: &str,
        publication: &Publication,
        t: &'static Phrases,
        page: Value,
    ) -> Response {
        let frame = context! { t => Value::from(Serde(t)), company => publication.name(t.code) };
        self.templates.page(status, template, context! { ..page, ..frame })
    }
}

/// The languages to choose from: tag, own name, whether it is the one of the page.
fn choices(languages: &[&str], current: &str) -> Vec<(String, String, bool)> {
    let choice =
        |tag: &&str| ((*tag).to_owned(), Phrases::name_of(tag).to_owned(), *tag == current);
    languages.iter().map(choice).collect()
}

fn wanted(chosen: &str, headers: &HeaderMap, languages: &[&str]) -> String {
    best(chosen, &accepted(headers), languages).unwrap_or_default().to_owned()
}

fn accepted(headers: &HeaderMap) -> String {
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|it| it.to_str().ok());
    accepted.unwrap_or_default().to_owned()
}

/// Whom the proxy before us has heard: the last address, which is the only one that it wrote.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

fn parameter(RawQuery(query): &RawQuery, name: &str) -> String {
    let query = query.as_deref().unwrap_or_default();
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn of_the_addresses_that_proxies_name_the_last_one_counts() {
        for (lines, expected) in [
            (&["192.0.2.1"][..], Some("192.0.2.1")),
            (&["198.51.100.9, 192.0.2.1"], Some("192.0.2.1")),
            (&["198.51.100.9", "2001:db8::1"], Some("2001:db8::1")),
            (&["192.0.2.1, unknown"], None),
            (&[], None),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-for", HeaderValue::from_static(line));
            }
            let expected = expected.map(|it| it.parse().expect("an address"));
            assert_eq!(forwarded(&headers), expected, "{lines:?}");
        }
    }
}
