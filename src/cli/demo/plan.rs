//! When each report comes, of which release, from where, and which reports are of one request.

use super::calendar::{DAY, HOUR, MINUTE, rhythm};
use super::chance::Chance;
use super::data::{Fate, Kind, Shape};
use super::world::{Issue, Project, Release, World};

/// How long the outage took.
const STORM: i64 = 20 * MINUTE;
/// Issues that rise in the last hours, beside those that rise by nature.
const SURGES: usize = 4;

/// Where a program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Environment {
    /// `production`.
    Production,
    /// `staging`.
    Staging,
    /// `development`.
    Development,
}

impl Environment {
    /// As reports name it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Staging => "staging",
            Self::Development => "development",
        }
    }

    fn drawn(chance: &mut Chance) -> Self {
        match chance.unit() {
            share if share < 0.81 => Self::Production,
            share if share < 0.94 => Self::Staging,
            _ => Self::Development,
        }
    }
}

/// A report to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Event {
    /// When it is received.
    pub(super) at: i64,
    /// The issue's number.
    pub(super) issue: usize,
    /// The request that it is of: decides its ids, its user and its words.
    pub(super) request: u64,
    /// Where.
    pub(super) environment: Environment,
    /// The release that reports.
    pub(super) release: usize,
}

/// Every report of the month, in order.
pub(super) fn events(world: &World) -> Vec<Event> {
    let mut plan = Plan { world, events: Vec::new() };
    for issue in &world.issues {
        plan.issue(issue, &mut Chance::of(&[world.seed, 4, issue.number as u64]));
    }
    plan.surges(&mut Chance::of(&[world.seed, 5]));
    plan.events.sort_unstable();
    plan.events
}

struct Plan<'a> {
    world: &'a World,
    events: Vec<Event>,
}

impl Plan<'_> {
    fn issue(&mut self, issue: &Issue, chance: &mut Chance) {
        let shape = Times { world: self.world, issue, centres: centres(issue, chance) };
        for (nth, life) in issue.lives.iter().enumerate() {
            // The first report of a life comes from production, so that it reopens what it must.
            self.add(issue, life.0, Environment::Production, chance);
            let part = if issue.lives.len() == 1 { 1.0 } else { [0.55, 0.45][nth.min(1)] };
            for _ in 1..(issue.count as f64 * part) as usize {
                let environment = match issue.fate {
                    Fate::Hotfix => Environment::Production,
                    _ => Environment::drawn(chance),
                };
                let at = shape.draw(*life, chance);
                self.add(issue, at, environment, chance);
            }
        }
        for _ in 0..(f64::from(issue.data.storm) * self.world.scale) as usize {
            let at = self.world.storm + (chance.unit().powf(0.8) * STORM as f64) as i64;
            self.add(issue, at, Environment::Production, chance);
        }
        self.old_clients(issue, chance);
    }

    /// Pages that nobody has loaded anew since the release with the fix.
    fn old_clients(&mut self, issue: &Issue, chance: &mut Chance) {
        let Some(by) = issue.fixed_by.filter(|by| *by > 0) else { return };
        if self.world.kind(issue) != Kind::Browser || issue.fate == Fate::Moved {
            return;
        }
        let fixed_at = self.world.projects[issue.project].releases[by].at;
        for _ in 0..issue.count / 25 {
            let at = fixed_at + (chance.exponential() * 14.0 * HOUR as f64) as i64;
            if at < self.world.until {
                let environment = Environment::Production;
                let (issue, request) = (issue.number, chance.next());
                self.events.push(Event { at, issue, request, environment, release: by - 1 });
            }
        }
    }

    /// Some issues come much more often in the last two hours.
    fn surges(&mut self, chance: &mut Chance) {
        let world = self.world;
        let is_usual = |issue: &&Issue| {
            matches!(issue.fate, Fate::New | Fate::PendingFix | Fate::Verifying)
                && issue.data.shape == Shape::Steady
                && issue.count > 30
                && issue.is_alive(world.until - 2 * HOUR)
        };
        let mut usual: Vec<&Issue> = world.issues.iter().filter(is_usual).collect();
        chance.shuffle(&mut usual);
        for issue in usual.into_iter().take(SURGES) {
            for _ in 0..14 + issue.count / 20 {
                let back = chance.between(0, 100 * MINUTE);
                self.add(issue, world.until - 1 - back, Environment::Production, chance);
            }
        }
    }

    fn add(&mut self, issue: &Issue, at: i64, environment: Environment, chance: &mut Chance) {
        let request = chance.next();
        self.put(issue, at, environment, request);
        let Some(echo) = self.world.echo(issue).filter(|_| chance.is(0.5)) else { return };
        let at = at + chance.between(40, 900);
        if echo.is_alive(at) {
            self.put(echo, at, environment, request);
        }
    }

    fn put(&mut self, issue: &Issue, at: i64, environment: Environment, request: u64) {
        let project = &self.world.projects[issue.project];
        // What a release has brought is not in the one before it.
        let may_be_lazy = self.world.kind(issue) == Kind::Browser && issue.fate != Fate::Hotfix;
        let is_lazy = may_be_lazy && request.is_multiple_of(9);
        let release = release(project, at, environment, is_lazy);
        self.events.push(Event { at, issue: issue.number, request, environment, release });
    }
}

/// The release that runs somewhere at a time; a lazy page is one release behind for some hours.
pub(super) fn release(project: &Project, at: i64, environment: Environment, lazy: bool) -> usize {
    let is_live = environment == Environment::Production;
    let started = |release: &Release| {
        let began = if is_live { release.at } else { release.staging_at };
        began + if lazy { 8 * HOUR } else { 0 } <= at
    };
    project.releases.iter().rposition(started).unwrap_or(0)
}

/// The middles of an issue's bursts.
fn centres(issue: &Issue, chance: &mut Chance) -> Vec<i64> {
    let count = 2 + chance.below(4);
    let life = issue.lives[issue.lives.len() - 1];
    (0..count).map(|_| chance.between(life.0, life.1)).collect()
}

struct Times<'a> {
    world: &'a World,
    issue: &'a Issue,
    centres: Vec<i64>,
}

impl Times<'_> {
    fn draw(&self, life: (i64, i64), chance: &mut Chance) -> i64 {
        let (start, end) = life;
        let length = (end - start) as f64;
        let at = match (self.issue.fate, self.issue.data.shape) {
            (Fate::Hotfix, _) => start + (chance.unit().powf(1.4) * length) as i64,
            (_, Shape::Steady) => self.steady(life, chance),
            (_, Shape::Rising) => start + (chance.unit().powf(1.0 / 6.0) * length) as i64,
            (_, Shape::Bursts) => {
                let width = (4 + self.issue.number as i64 % 23) * MINUTE;
                *chance.pick(&self.centres) + (chance.normal() * width as f64) as i64
            }
            (_, Shape::Nightly) => {
                let day = chance.between(start, end).div_euclid(DAY) * DAY;
                let minute = HOUR + (self.issue.number as i64 * 17 % 200) * MINUTE;
                day + minute + chance.between(0, 4 * MINUTE)
            }
            (_, Shape::Deploys) => {
                let releases = &self.world.projects[self.issue.project].releases;
                chance.pick(releases).at + (chance.exponential() * 35.0 * MINUTE as f64) as i64
            }
        };
        if (start..end).contains(&at) { at } else { self.steady(life, chance) }
    }

    fn steady(&self, (start, end): (i64, i64), chance: &mut Chance) -> i64 {
        let kind = self.world.kind(self.issue);
        for _ in 0..40 {
            let at = chance.between(start, end);
            if chance.is(rhythm(kind, at)) {
                return at;
            }
        }
        chance.between(start, end)
    }
}
