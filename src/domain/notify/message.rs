//! A message before any vendor's markup: parts in the order of their weight. What does not fit goes
//! from the end: frames first, then text; the link and the request's id never.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::act::Act;
use super::channel::Kind;
use super::mention::{MENTIONS_MAX, Mention};
use super::words::{self, Word, grouped};
use super::{Facts, Language, Trigger, plain};
use crate::domain::culprit;
use crate::domain::issue::{Event, Issue};
use crate::domain::level::Level;
use crate::domain::percent::escape;
use crate::domain::timestamp;

/// Characters of the error's text at most.
const TEXT_CHARS_MAX: usize = 500;
/// Characters of a value at most.
const VALUE_CHARS_MAX: usize = 200;
/// Frames at most.
const FRAMES_MAX: usize = 8;
/// Minutes in which a message is told apart, as people read it.
const MINUTE_CHARS: usize = 16;

/// A message for people.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// The same at every attempt: receivers know a repetition by it.
    pub id: String,
    /// Why it is sent.
    pub trigger: Trigger,
    /// How bad it is.
    pub level: Level,
    /// `[ERROR] shop · production · NEW`.
    pub title: String,
    /// What went wrong.
    pub text: String,
    /// Where; may be empty.
    pub place: String,
    /// Names and values, the most useful first.
    pub rows: Vec<(Cow<'static, str>, String)>,
    /// What stands between the two in its language.
    pub(super) colon: &'static str,
    /// The innermost own frames.
    pub frames: Vec<String>,
    /// The word on the button, and where it leads.
    pub link: Option<(&'static str, String)>,
    /// What a click does: the word on a button, and the link.
    pub acts: Vec<(&'static str, String)>,
    /// Whom it mentions, by ids of the channel's vendor.
    pub(super) mentions: Vec<String>,
    /// The same for programs.
    pub data: Value,
}

/// What a message is about, as it was read when it is sent.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// The issue; none of a summary and of a silent project.
    pub issue: Option<Issue>,
    /// The event that caused it, if it is still kept.
    pub event: Option<Event>,
    /// The first few issues of a summary.
    pub folded: Vec<Issue>,
}

/// How a channel wants it.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// The language.
    pub language: Language,
    /// The dashboard's address; without one there is no link.
    pub public_url: Option<&'a str>,
    /// The rule that decided, by name.
    pub rule: Option<&'a str>,
}

impl Message {
    /// Puts a message together.
    pub fn new(
        id: String,
        trigger: Trigger,
        facts: &Facts,
        subject: &Subject,
        wish: &Wish<'_>,
    ) -> Self {
        let language = wish.language;
        let link = wish.public_url.map(|url| (Word::Open.say(language), link(url, facts, subject)));
        let level = level(trigger, facts, subject);
        let mut message = Self {
            id,
            trigger,
            level,
            title: title(level, trigger, facts, subject, language),
            text: text(trigger, facts, subject, language),
            place: place(subject),
            rows: rows(trigger, facts, subject, language),
            colon: if language == Language::Zh { "：" } else { ": " },
            frames: subject.event.as_ref().map(frames).unwrap_or_default(),
            acts: Vec::new(),
            mentions: Vec::new(),
            data: Value::Null,
            link,
        };
        message.data = data(&message, facts, subject, wish);
        message
    }

    /// Adds links that do something.
    pub fn offering(mut self, links: &[(Act, String)], language: Language) -> Self {
        self.acts =
            links.iter().map(|(act, url)| (words::act(*act, language), url.clone())).collect();
        if !links.is_empty() {
            let named = links.iter().map(|(act, url)| (act.name().to_owned(), json!(url)));
            self.data["data"]["actions"] = Value::Object(named.collect());
        }
        self
    }

    /// Mentions those of these people whom a kind of channel can.
    pub fn mentioning(mut self, kind: Kind, people: &[String]) -> Self {
        self.mentions = Mention::of_kind(kind, people);
        self.mentions.truncate(MENTIONS_MAX);
        self
    }

    /// Its links that do something, in brackets as Markdown has them.
    pub(super) fn bracketed_acts(&self) -> Option<String> {
        let all: Vec<String> =
            self.acts.iter().map(|(word, url)| format!("[{word}]({url})")).collect();
        (!all.is_empty()).then(|| all.join(" · "))
    }

    /// A shorter one: the more, the higher the step. The last one fits into every channel.
    pub fn shorter(&self, step: usize) -> Self {
        const STEPS: [(usize, usize, usize); 7] = [
            (FRAMES_MAX, TEXT_CHARS_MAX, usize::MAX),
            (5, TEXT_CHARS_MAX, usize::MAX),
            (3, TEXT_CHARS_MAX, usize::MAX),
            (0, TEXT_CHARS_MAX, usize::MAX),
            (0, 300, usize::MAX),
            (0, 120, 4),
            (0, 60, 1),
        ];
        let (frames, text, rows) = STEPS[step.min(STEPS.len() - 1)];
        let is_last = step + 1 >= STEPS.len();
        let mut short = self.clone();
        if text < 300 {
            short.acts.clear();
        }
        short.frames.truncate(frames);
        short.rows.truncate(rows);
        short.text = plain::cut(&self.text, text);
        if is_last {
            short.title = plain::cut(&self.title, 120);
            short.place = plain::cut(&self.place, 60);
            for (_, value) in &mut short.rows {
                *value = plain::cut(value, 64);
            }
        }
        short
    }

    /// The longest form that fits, rendered.
    pub(super) fn fitting(
        &self,
        render: impl Fn(&Self) -> String,
        fits: impl Fn(&str) -> bool,
    ) -> String {
        let mut rendered = String::new();
        for step in 0..=6 {
            rendered = render(&self.shorter(step));
            if fits(&rendered) {
                break;
            }
        }
        rendered
    }

    /// All of it as lines of text.
    pub(super) fn lines(&self) -> String {
        let Self { title, text, place, colon, .. } = self;
        let mut lines = vec![title.clone(), text.clone(), place.clone()];
        lines.extend(self.rows.iter().map(|(name, value)| format!("{name}{colon}{value}")));
        lines.extend(self.frames.iter().cloned());
        lines.extend(self.link.iter().map(|(_, url)| url.clone()));
        lines.retain(|line| !line.is_empty());
        lines.join("\n")
    }

    /// Without any markup, `shown` applied to each of a stranger's lines.
    pub(super) fn bare(&self, keyword: &str, shown: fn(&str) -> String) -> String {
        let short = self.shorter(5);
        let mut lines = vec![shown(&short.title), shown(&short.text)];
        if !short.place.is_empty() {
            lines.push(shown(&short.place));
        }
        let colon = short.colon;
        lines.extend(
            short.rows.iter().map(|(name, value)| format!("{name}{colon}{}", shown(value))),
        );
        lines.extend(short.link.iter().map(|(_, url)| url.clone()));
        lines.push(keyword.to_owned());
        lines.join("\n")
    }
}

fn level(trigger: Trigger, facts: &Facts, subject: &Subject) -> Level {
    let of_issue = subject.issue.as_ref().map(|issue| issue.level);
    let of_event = subject.event.as_ref().map(|event| event.level);
    let of_folded = subject.folded.iter().map(|issue| issue.level).max();
    match trigger {
        Trigger::Test => Level::Info,
        Trigger::Digest | Trigger::Verdict => of_folded.unwrap_or(Level::Info),
        Trigger::Silent | Trigger::Trouble => facts.own_level(),
        _ => of_event.max(of_issue).or(of_folded).unwrap_or(Level::Error),
    }
}

/// Where a person reads on: the issue at its event, else the project. The address before it people
/// chose themselves, so it is taken as it is.
fn link(url: &str, facts: &Facts, subject: &Subject) -> String {
    match (&subject.issue, &subject.event, &facts.project_id) {
        (Some(issue), Some(event), _) if issue.id > 0 => {
            format!("{url}/issues/{}?event={}", issue.id, event.event_id)
        }
        (Some(issue), ..) if issue.id > 0 => format!("{url}/issues/{}", issue.id),
        (None, _, Some(project)) => format!("{url}/projects/{}", escape(project)),
        _ => url.to_owned(),
    }
}

fn title(
    level: Level,
    trigger: Trigger,
    facts: &Facts,
    subject: &Subject,
    language: Language,
) -> String {
    let project = subject.issue.as_ref().map(|issue| issue.project_id.as_str());
    let project = project.or(facts.project_id.as_deref());
    let environment = facts
        .environment
        .as_deref()
        .or_else(|| subject.event.as_ref().map(|event| event.environment.as_str()));
    let happened = words::happened(language, trigger, facts);
    let parts = [project, environment, Some(happened.as_str())];
    let parts: Vec<String> =
        parts.into_iter().flatten().map(|part| plain::line(part, 64)).collect();
    format!("[{}] {}", level.name(), parts.join(" · "))
}

fn text(trigger: Trigger, facts: &Facts, subject: &Subject, language: Language) -> String {
    if trigger == Trigger::Test {
        return words::test(language).to_owned();
    }
    if let (Trigger::Digest | Trigger::Verdict, Some(folded)) = (trigger, &facts.folded) {
        return words::summed(language, folded, trigger == Trigger::Verdict);
    }
    if let Some(folded) = &facts.folded {
        return words::folded(language, folded);
    }
    if trigger == Trigger::Trouble {
        return words::trouble(language, facts);
    }
    let Some(issue) = &subject.issue else { return String::new() };
    let of_event = subject.event.as_ref().map(|event| event.error.message.as_str());
    let message = of_event.unwrap_or(&issue.message);
    let text =
        if message.is_empty() { issue.kind.clone() } else { format!("{}: {message}", issue.kind) };
    plain::line(&text, TEXT_CHARS_MAX)
}

fn place(subject: &Subject) -> String {
    let Some(issue) = &subject.issue else { return String::new() };
    let place = match &issue.culprit {
        Some(culprit) => culprit.clone(),
        None if issue.file_path.is_empty() => String::new(),
        None => format!("{}:{}", issue.file_path, issue.line_number),
    };
    plain::line(&place, VALUE_CHARS_MAX)
}

fn rows(
    trigger: Trigger,
    facts: &Facts,
    subject: &Subject,
    language: Language,
) -> Vec<(Cow<'static, str>, String)> {
    let mut rows = Vec::new();
    let mut add = |word: Word, value: Option<String>| {
        let value = value.map(|value| plain::line(&value, VALUE_CHARS_MAX));
        let named = |value| (word.say(language).into(), value);
        rows.extend(value.filter(|value| !value.is_empty()).map(named));
    };
    let event = subject.event.as_ref();
    add(Word::RequestId, event.and_then(|event| event.request_id.clone()));
    add(Word::Request, event.and_then(request));
    add(Word::User, event.and_then(|event| event.user_id.clone()));
    add(Word::Who, facts.who.clone());
    add(Word::Note, facts.note.clone());
    let at = event.map_or(facts.at, |event| event.timestamp);
    add(Word::Since, since(trigger, facts).map(moment));
    add(Word::Time, (at > 0).then(|| moment(at)));
    add(Word::Version, event.and_then(version));
    let issue = subject.issue.as_ref().filter(|issue| issue.id > 0);
    add(Word::Reports, issue.map(|issue| grouped(issue.count, language)));
    add(Word::FirstSeen, issue.map(|issue| moment(issue.first_seen)));
    add(
        Word::Users,
        issue.filter(|issue| issue.users > 0).map(|issue| grouped(issue.users, language)),
    );
    add(Word::Assignee, issue.and_then(|issue| issue.assignee.clone()));
    let mut folded: Vec<&Issue> = subject.folded.iter().collect();
    folded.sort_by_key(|issue| std::cmp::Reverse(issue.level));
    for issue in folded {
        let (project, level) = (&issue.project_id, issue.level.name());
        let value = format!("[{level}] {project} · {}: {}", issue.kind, issue.message);
        rows.push((format!("#{}", issue.id).into(), plain::line(&value, VALUE_CHARS_MAX)));
    }
    rows
}

/// From when on it tells. A project is silent since its last report.
fn since(trigger: Trigger, facts: &Facts) -> Option<i64> {
    match trigger {
        Trigger::Silent => facts.minutes.map(|minutes| facts.at - minutes * 60_000),
        Trigger::Storm => Some(facts.at),
        _ => facts.since,
    }
}

/// To the minute, in UTC.
fn moment(at: i64) -> String {
    let text: String = timestamp::format(at).chars().take(MINUTE_CHARS).collect();
    format!("{} UTC", text.replace('T', " "))
}

fn version(event: &Event) -> Option<String> {
    let version = event.version.clone()?;
    let commit: Option<String> =
        event.commit_hash.as_ref().map(|hash| hash.chars().take(12).collect());
    Some(commit.map_or(version.clone(), |commit| format!("{version} ({commit})")))
}

/// Method and address, as the context has them.
fn request(event: &Event) -> Option<String> {
    let context = event.context.as_ref()?.as_ref()?;
    let context: Value = serde_json::from_str(context.get()).ok()?;
    let text = |name: &str| {
        context[name].as_str().or_else(|| context["request"][name].as_str()).unwrap_or_default()
    };
    let joined = format!("{} {}", text("method"), text("url"));
    Some(joined.trim().to_owned())
}

/// The own code's frames, else all, the innermost first.
fn frames(event: &Event) -> Vec<String> {
    let Some(stack) = &event.error.stack_trace else { return Vec::new() };
    let Ok(stack) = serde_json::from_str::<Value>(stack.get()) else { return Vec::new() };
    let parts: Vec<&str> = match &stack {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let all = culprit::innermost_first(parts.into_iter());
    let own: Vec<culprit::Frame<'_>> =
        all.iter().copied().filter(|frame| culprit::is_own(frame)).collect();
    let shown = if own.is_empty() { all } else { own };
    shown.iter().take(FRAMES_MAX).map(frame).collect()
}

fn frame(frame: &culprit::Frame<'_>) -> String {
    let place = format!("{}:{}", frame.file, frame.line);
    let text = frame.function.map_or(place.clone(), |name| format!("{name} ({place})"));
    plain::line(&text, VALUE_CHARS_MAX)
}

/// What programs are told.
fn data(message: &Message, facts: &Facts, subject: &Subject, wish: &Wish<'_>) -> Value {
    let name = match message.trigger {
        Trigger::Silent => "project.silent".to_owned(),
        Trigger::Trouble => "server.trouble".to_owned(),
        Trigger::Digest => "digest".to_owned(),
        Trigger::Verdict => "deploy.verdict".to_owned(),
        Trigger::Storm => "issues.folded".to_owned(),
        Trigger::Test => "test".to_owned(),
        other => format!("issue.{}", other.name()),
    };
    let mut data = subject
        .issue
        .as_ref()
        .and_then(|issue| serde_json::to_value(issue).ok())
        .unwrap_or_else(|| json!({ "project_id": facts.project_id }));
    data["title"] = json!(message.title);
    data["url"] = json!(message.link.as_ref().map(|(_, url)| url));
    data["rule"] = json!(wish.rule);
    data["event"] = json!(subject.event);
    data["facts"] = json!(facts);
    if !subject.folded.is_empty() {
        data["issues"] = json!(subject.folded);
    }
    json!({ "type": name, "timestamp": timestamp::format(facts.at), "data": data })
}
