//! Which happenings are worth a message, and where it goes. Without any rule the default one holds.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Trigger;
use super::digest::Digest;
use crate::domain::level::Level;
use crate::domain::search::{Asked, Pattern};

/// Characters of a rule's or a channel's name at most.
pub const NAME_CHARS_MAX: usize = 64;
/// Words of a list of a rule at most.
pub const WORDS_MAX: usize = 32;
/// Minutes that a rule may look back at most.
pub const MINUTES_MAX: i64 = 1_440;
/// Hours that a deploy's verdict may wait at most.
pub const HOURS_MAX: i64 = 72;
/// Reports that a rule may wait for at most.
pub const REPORTS_MAX: i64 = 1_000_000;
/// The numbers of reports at which an issue is told again.
pub const MILESTONES: [i64; 6] = [10, 100, 1_000, 10_000, 100_000, 1_000_000];
/// How long an issue that was told for its many reports is not told again for them.
pub const COOL_DOWN_MS: i64 = 30 * MINUTE_MS;

/// The numbers of users at which an issue has spread.
pub const SPREADS: [i64; 4] = [10, 100, 1_000, 10_000];
/// How old an issue is that can spread or spike: before, everything about it is new.
pub const OLD_MS: i64 = DAY_MINUTES * MINUTE_MS;
/// Reports of a spike at least.
pub const SPIKE_MIN: i64 = 20;
/// How many times its usual number a spike has.
const SPIKE_TIMES: f64 = 5.0;

const MINUTE_MS: i64 = 60_000;
const DAY_MINUTES: i64 = 1_440;
/// Quiet hours and two weekends end within these.
const QUIET_MINUTES_MAX: i64 = 9 * DAY_MINUTES;

/// What is worth a message. Lists may hold `*`; an empty one takes everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rule {
    /// Whether it holds.
    pub enabled: bool,
    /// Channels by number; none: all.
    pub channels: Vec<i64>,
    /// Projects by name.
    pub projects: Vec<String>,
    /// Environments by name; `None`: those that their project calls live.
    pub environments: Option<Vec<String>>,
    /// The lowest level.
    #[serde(serialize_with = "level_out", deserialize_with = "level_in")]
    pub level: Level,
    /// The error's types.
    pub types: Vec<String>,
    /// The error's codes; reports without one do not match.
    pub codes: Vec<String>,
    /// Files, or their ends after a `/`.
    pub paths: Vec<String>,
    /// Versions; reports without one do not match.
    pub versions: Vec<String>,
    /// A query of the search language that each report has to meet; see [`Asked`].
    pub query: String,
    /// What has to happen.
    pub triggers: Vec<Trigger>,
    /// For [`Trigger::Frequent`]: so many reports of an issue …
    pub reports: i64,
    /// … within so many minutes. For [`Trigger::Silent`]: how long nothing came.
    pub minutes: i64,
    /// For [`Trigger::Moved`]: statuses by name.
    pub moved_to: Vec<String>,
    /// For [`Trigger::Digest`]: how often, and when.
    pub digest: Digest,
    /// For [`Trigger::Verdict`]: so many hours after a deploy.
    pub hours: i64,
    /// When nobody is to be woken.
    pub quiet: Option<Quiet>,
    /// Whom its messages mention; see [`Mention`](super::mention::Mention).
    pub mentions: Vec<String>,
}

impl Default for Rule {
    fn default() -> Self {
        Self {
            enabled: true,
            channels: Vec::new(),
            projects: Vec::new(),
            environments: None,
            level: Level::Error,
            types: Vec::new(),
            codes: Vec::new(),
            paths: Vec::new(),
            versions: Vec::new(),
            query: String::new(),
            triggers: vec![Trigger::Created, Trigger::Regressed],
            reports: 100,
            minutes: 5,
            moved_to: Vec::new(),
            digest: Digest::default(),
            hours: 4,
            quiet: None,
            mentions: Vec::new(),
        }
    }
}

/// Hours in which messages below a level wait for their end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    /// When they begin, in minutes of a local day.
    pub from_minute: i64,
    /// When they end; earlier than the beginning is on the next day.
    pub to_minute: i64,
    /// Whether Saturday and Sunday are quiet as a whole.
    pub weekends: bool,
    /// Minutes east of UTC.
    pub tz_offset_minutes: i64,
    /// From this level on a message goes out at once.
    #[serde(serialize_with = "level_out", deserialize_with = "level_in")]
    pub below: Level,
}

/// Where and how bad a report is.
#[derive(Clone, Copy, Debug)]
pub struct Slice<'a> {
    /// The environment's name.
    pub environment: &'a str,
    /// Whether its project calls it live.
    pub is_live: bool,
    /// The version.
    pub version: Option<&'a str>,
    /// The level.
    pub level: Level,
}

impl Rule {
    /// Whether it is about this project, this type of error and this file.
    pub fn covers_issue(&self, project_id: &str, kind: &str, file_path: &str) -> bool {
        self.is_about(project_id)
            && any(&self.types, kind)
            && (self.paths.is_empty()
                || self.paths.iter().any(|path| pattern(path).matches_path(file_path)))
    }

    /// Whether it holds and is about this project.
    pub fn is_about(&self, project_id: &str) -> bool {
        self.enabled && any(&self.projects, project_id)
    }

    /// Whether it is about reports of this place and level.
    pub fn covers(&self, slice: &Slice<'_>) -> bool {
        let is_there = match &self.environments {
            None => slice.is_live,
            Some(names) => any(names, slice.environment),
        };
        is_there && slice.level >= self.level && self.covers_version(slice.version)
    }

    /// Whether it is about reports of this version.
    pub fn covers_version(&self, version: Option<&str>) -> bool {
        self.versions.is_empty() || version.is_some_and(|version| any(&self.versions, version))
    }

    /// Its query, read; what cannot be read is refused before a rule is kept.
    pub fn asked(&self) -> Asked {
        Asked::parse(&self.query).unwrap_or_default()
    }

    /// Whether it is about reports with this code.
    pub fn covers_code(&self, code: Option<&str>) -> bool {
        self.codes.is_empty() || code.is_some_and(|code| any(&self.codes, code))
    }

    /// Whether such a happening is one of its.
    pub fn wants(&self, trigger: Trigger) -> bool {
        self.triggers.contains(&trigger)
    }

    /// Whether a move to this status is one of its.
    pub fn wants_move(&self, to: &str) -> bool {
        self.wants(Trigger::Moved)
            && (self.moved_to.is_empty() || self.moved_to.iter().any(|name| name == to))
    }

    /// Whether it sends to a channel.
    pub fn reaches(&self, channel: i64) -> bool {
        self.channels.is_empty() || self.channels.contains(&channel)
    }

    /// When a message decided on now may go out.
    pub fn due(&self, level: Level, now: i64) -> i64 {
        match &self.quiet {
            Some(quiet) if level < quiet.below => quiet.end(now),
            _ => now,
        }
    }
}

impl Quiet {
    /// When it is not quiet any more: `now` if it is not.
    fn end(&self, now: i64) -> i64 {
        let first = now.div_euclid(MINUTE_MS);
        let later = (first..first + QUIET_MINUTES_MAX).find(|minute| !self.is_quiet(*minute));
        later.map_or(now, |minute| (minute * MINUTE_MS).max(now))
    }

    fn is_quiet(&self, minute: i64) -> bool {
        let local = minute + self.tz_offset_minutes;
        // 1970 began on a Thursday.
        let weekday = (local.div_euclid(DAY_MINUTES) + 3).rem_euclid(7);
        if self.weekends && weekday >= 5 {
            return true;
        }
        let at = local.rem_euclid(DAY_MINUTES);
        if self.from_minute <= self.to_minute {
            (self.from_minute..self.to_minute).contains(&at)
        } else {
            at >= self.from_minute || at < self.to_minute
        }
    }
}

/// The highest milestone between two counts.
pub fn milestone(before: i64, after: i64) -> Option<i64> {
    MILESTONES.into_iter().rev().find(|mark| before < *mark && *mark <= after)
}

/// The highest number of users between two at which an issue has spread.
pub fn spread(before: i64, after: i64) -> Option<i64> {
    SPREADS.into_iter().rev().find(|mark| before < *mark && *mark <= after)
}

/// Whether the reports of the last two hours are a spike after those of the week before them.
/// `age_ms`: how long the issue has been known; a week counts at most.
pub fn is_spike(recent: i64, week: i64, age_ms: i64) -> bool {
    // A week has 83 further pairs of hours, a younger issue fewer.
    let pairs = ((age_ms / 3_600_000 - 2) / 2).clamp(1, 83);
    recent >= SPIKE_MIN && recent as f64 >= SPIKE_TIMES * week as f64 / pairs as f64
}

/// Whether a list takes a word.
fn any(list: &[String], word: &str) -> bool {
    let takes = |one: &String| one == word || (one.contains('*') && pattern(one).matches(word));
    list.is_empty() || list.iter().any(takes)
}

fn pattern(text: &str) -> Pattern {
    let parts: Vec<String> = text.split('*').map(str::to_owned).collect();
    if parts.len() > 1 { Pattern::Wild(parts) } else { Pattern::Exact(text.to_owned()) }
}

fn level_out<S: Serializer>(level: &Level, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(level.name())
}

fn level_in<'de, D: Deserializer<'de>>(input: D) -> Result<Level, D::Error> {
    let name = String::deserialize(input)?;
    Level::parse(&name).ok_or_else(|| serde::de::Error::custom("no level"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::timestamp;

    fn slice(environment: &str, is_live: bool, level: Level) -> Slice<'_> {
        Slice { environment, is_live, version: Some("1.2.0"), level }
    }

    #[test]
    fn the_default_takes_errors_of_live_environments() {
        let rule = Rule::default();
        assert!(rule.covers_issue("shop", "ValueError", "a.py"));
        let table = [
            ("production", true, Level::Error, true),
            ("production", true, Level::Critical, true),
            ("production", true, Level::Warning, false),
            ("staging", false, Level::Critical, false),
        ];
        for (environment, is_live, level, expected) in table {
            assert_eq!(rule.covers(&slice(environment, is_live, level)), expected);
        }
        assert!(rule.wants(Trigger::Created) && rule.wants(Trigger::Regressed));
        assert!(!rule.wants(Trigger::Milestone) && rule.reaches(7));
    }

    #[test]
    fn lists_narrow_and_may_be_wild() {
        let words = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        let rule = Rule {
            projects: words(&["shop-*"]),
            environments: Some(words(&["staging", "eu-*"])),
            types: words(&["*Error"]),
            codes: words(&["DB*"]),
            paths: words(&["a.py", "lib/*"]),
            versions: words(&["1.*"]),
            channels: vec![2],
            ..Rule::default()
        };
        assert!(rule.covers_issue("shop-api", "TypeError", "src/a.py"));
        assert!(!rule.covers_issue("pay", "TypeError", "src/a.py"));
        assert!(!rule.covers_issue("shop-api", "Panic", "src/a.py"));
        assert!(rule.covers(&slice("eu-1", false, Level::Error)));
        assert!(!rule.covers(&slice("production", true, Level::Error)));
        assert!(rule.covers_code(Some("DBTimeout")) && !rule.covers_code(None));
        assert!(!rule.covers_issue("shop-api", "TypeError", "src/b.py"));
        assert!(rule.covers_version(Some("1.9")) && !rule.covers_version(Some("2.0")));
        assert!(!rule.covers_version(None));
        assert!(rule.reaches(2) && !rule.reaches(1));
        assert!(!Rule { enabled: false, ..rule }.covers_issue("shop-api", "TypeError", "src/a.py"));
    }

    #[test]
    fn a_milestone_that_was_jumped_over_counts_once() {
        let table = [
            (0, 9, None),
            (9, 10, Some(10)),
            (10, 11, None),
            (5, 2_000, Some(1_000)),
            (999_999, 1_000_000, Some(1_000_000)),
        ];
        for (before, after, expected) in table {
            assert_eq!(milestone(before, after), expected);
        }
    }

    #[test]
    fn a_spike_is_many_and_many_times_the_usual() {
        let hour = 3_600_000;
        for (recent, week, hours, expected) in [
            (19, 0, 1_000, false),
            (20, 0, 1_000, true),
            (20, 332, 1_000, true),
            (20, 400, 1_000, false),
            (40, 440, 24, false),
            (220, 440, 24, true),
            (20, 0, 1, true),
        ] {
            assert_eq!(is_spike(recent, week, hours * hour), expected, "{recent} after {week}");
        }
        assert_eq!((spread(9, 10), spread(10, 99), spread(5, 150)), (Some(10), None, Some(100)));
    }

    #[test]
    fn quiet_hours_end_and_what_is_critical_does_not_wait() {
        let quiet = Quiet {
            from_minute: 22 * 60,
            to_minute: 8 * 60,
            weekends: true,
            tz_offset_minutes: 60,
            below: Level::Critical,
        };
        let rule = Rule { quiet: Some(quiet), ..Rule::default() };
        let at = |text: &str| timestamp::parse(text).expect("a time");
        // 2026-01-30 is a Friday.
        let table = [
            ("2026-01-30T10:30:20Z", "2026-01-30T10:30:20Z"),
            ("2026-01-29T21:30:20Z", "2026-01-30T07:00:00Z"),
            ("2026-01-30T21:00:00Z", "2026-02-02T07:00:00Z"),
            ("2026-01-31T12:00:00Z", "2026-02-02T07:00:00Z"),
        ];
        for (now, due) in table {
            assert_eq!(rule.due(Level::Error, at(now)), at(due), "{now}");
            assert_eq!(rule.due(Level::Critical, at(now)), at(now));
        }
    }

    #[test]
    fn a_rule_goes_there_and_back_as_json() {
        let rule = Rule { environments: Some(vec!["eu".into()]), ..Rule::default() };
        let text = serde_json::to_string(&rule).expect("JSON");
        assert_eq!(serde_json::from_str::<Rule>(&text).expect("a rule"), rule);
        assert_eq!(serde_json::from_str::<Rule>("{}").expect("a rule"), Rule::default());
    }
}
