//! The month as it was lived: releases, issues, and how long each issue lived. Nothing here depends
//! on anything but the seed, the end of the month and the number of events.

use super::calendar::{DAY, HOUR, MINUTE, afternoon, working};
use super::chance::Chance;
use super::data::{self, Fate, IssueData, Kind, ProjectData, Shape, Team};

/// How long a month is.
const MONTH: i64 = 30 * DAY;
/// The number of events for which the files give theirs.
const EVENTS_USUAL: f64 = 50_000.0;
/// Of the events, what is dealt to issues; the rest are echoes, the outage and the last hours.
const DEALT: f64 = 0.8;

/// A release of a project.
#[derive(Clone, Debug)]
pub(super) struct Release {
    /// When it went live.
    pub(super) at: i64,
    /// When it came to staging.
    pub(super) staging_at: i64,
    /// Its version.
    pub(super) version: String,
    /// Its commit.
    pub(super) commit: String,
}

/// A project and its releases; the first of them was before the month.
#[derive(Clone, Debug)]
pub(super) struct Project {
    /// What the files say.
    pub(super) data: ProjectData,
    /// In order.
    pub(super) releases: Vec<Release>,
    /// The release that repaired the one before it.
    hotfix: Option<usize>,
}

/// An issue.
#[derive(Clone, Debug)]
pub(super) struct Issue {
    /// Its place in the world, from 0.
    pub(super) number: usize,
    /// Its project's place.
    pub(super) project: usize,
    /// What the files say.
    pub(super) data: IssueData,
    /// Where it is raised: `file:line function | code`.
    pub(super) place: String,
    /// What becomes of it.
    pub(super) fate: Fate,
    /// When it comes: from, to.
    pub(super) lives: Vec<(i64, i64)>,
    /// The release that holds its fix.
    pub(super) fixed_by: Option<usize>,
    /// Reports, apart from echoes and the outage.
    pub(super) count: usize,
}

impl Issue {
    /// When it came first.
    pub(super) fn born(&self) -> i64 {
        self.lives[0].0
    }

    /// Whether it comes at a time.
    pub(super) fn is_alive(&self, at: i64) -> bool {
        self.lives.iter().any(|(start, end)| (*start..*end).contains(&at))
    }
}

/// Everything.
#[derive(Clone, Debug)]
pub(super) struct World {
    /// Decides everything.
    pub(super) seed: u64,
    /// When the month ends.
    pub(super) until: i64,
    /// When the database was out of connections.
    pub(super) storm: i64,
    /// How many times the usual number of events there are.
    pub(super) scale: f64,
    /// Who works on it.
    pub(super) team: Team,
    /// The projects.
    pub(super) projects: Vec<Project>,
    /// Issues of the month.
    pub(super) issues: Vec<Issue>,
    /// Issues that come only after it.
    pub(super) fresh: Vec<Issue>,
}

impl World {
    /// Thinks it up.
    pub(super) fn new(seed: u64, until: i64, events: usize) -> Self {
        let start = until - MONTH;
        let projects = data::projects().into_iter().enumerate();
        let projects: Vec<Project> = projects
            .map(|(at, data)| project(data, &mut Chance::of(&[seed, 1, at as u64]), start))
            .collect();
        let mut world = Self {
            seed,
            until,
            storm: afternoon(until - 8 * DAY),
            scale: events as f64 / EVENTS_USUAL,
            team: data::team(),
            projects,
            issues: Vec::new(),
            fresh: Vec::new(),
        };
        world.deal();
        world.count(events);
        world
    }

    /// What the projects' kind and the issue's own say.
    pub(super) fn kind(&self, issue: &Issue) -> Kind {
        issue.data.kind.unwrap_or(self.projects[issue.project].data.kind)
    }

    /// The issue that a request which meets this one shows up in, too.
    pub(super) fn echo(&self, issue: &Issue) -> Option<&Issue> {
        let key = issue.data.echo.as_ref()?;
        self.issues.iter().find(|other| other.data.key.as_ref() == Some(key))
    }

    /// Gives every issue a fate and its life.
    fn deal(&mut self) {
        let mut chance = Chance::of(&[self.seed, 2]);
        let mut places = Vec::new();
        for (at, project) in self.projects.iter().enumerate() {
            for data in &project.data.issues {
                places.extend(data.at.iter().map(|place| (at, data.clone(), place.clone())));
            }
        }
        let undecided = places.iter().filter(|(_, data, _)| data.fate.is_none()).count();
        let mut deck = deck(undecided);
        chance.shuffle(&mut deck);
        for (project, data, place) in places {
            let number = self.issues.len();
            let fate = data.fate.or_else(|| if data.fresh { None } else { deck.pop() });
            // One whose place nobody knows cannot be at another.
            let fate = fate.filter(|fate| !(data.unknown && *fate == Fate::Moved));
            let issue = Issue {
                number,
                project,
                data,
                place,
                fate: fate.unwrap_or_default(),
                lives: vec![(self.until, i64::MAX)],
                fixed_by: None,
                count: 0,
            };
            if issue.data.fresh {
                self.fresh.push(issue);
                continue;
            }
            let issue = self.lived(issue, &mut chance);
            let end = issue.lives[0].1;
            let twin = (issue.fate == Fate::Moved).then(|| Issue {
                number: number + 1,
                place: self.free_place(&issue, &mut chance),
                fate: Fate::New,
                lives: vec![(end + chance.between(MINUTE, 3 * HOUR), self.until)],
                fixed_by: None,
                ..issue.clone()
            });
            self.issues.push(issue);
            self.issues.extend(twin);
        }
    }

    /// Some lines below, where no other issue of its type is nor will be.
    fn free_place(&self, issue: &Issue, chance: &mut Chance) -> String {
        let line = |place: &str| place.split(' ').next().map(str::to_owned);
        let is_taken = |place: &str| {
            let of_world =
                self.issues.iter().map(|other| (other.project, &other.data.t, &other.place));
            let all = self.projects[issue.project].data.issues.iter();
            let of_files = all.flat_map(|data| data.at.iter().map(move |at| (&data.t, at)));
            of_world.chain(of_files.map(|(t, at)| (issue.project, t, at))).any(
                |(project, t, at)| {
                    (project, t) == (issue.project, &issue.data.t) && line(at) == line(place)
                },
            )
        };
        loop {
            let place = shifted(&issue.place, chance.between(2, 40));
            if !is_taken(&place) {
                return place;
            }
        }
    }

    fn lived(&self, issue: Issue, chance: &mut Chance) -> Issue {
        let releases = &self.projects[issue.project].releases;
        let (start, until, last) = (self.until - MONTH, self.until, releases.len() - 1);
        let story = issue.data.story.last().map_or(0, |step| (step.0 * HOUR as f64) as i64);
        let first_after = |at: i64| (1..=last).find(|next| releases[*next].at > at);
        let (born, fixed_by) = match issue.fate {
            Fate::Hotfix => {
                let by = self.projects[issue.project].hotfix.unwrap_or(last);
                (releases[by - 1].at + chance.between(4 * MINUTE, 9 * MINUTE), Some(by))
            }
            Fate::Deployed if issue.data.storm > 0 => {
                let work = if story > 0 { story + HOUR } else { 40 * HOUR };
                (self.storm, first_after(self.storm + work))
            }
            Fate::Deployed if story > 0 => {
                let end = releases[last].at - story - 3 * HOUR;
                let born = working(chance, start + 2 * DAY, end);
                (born, first_after(born + story + HOUR / 2))
            }
            Fate::Deployed | Fate::Regressed | Fate::Moved => {
                let end = if issue.fate == Fate::Deployed { last } else { last - 1 };
                let by = chance.between(1, end as i64 + 1) as usize;
                let latest = releases[by].at - 32 * HOUR;
                let early = (start + DAY).min(latest);
                let end = if chance.is(0.6) { early } else { latest };
                (chance.between(start, end.max(start + HOUR)), Some(by))
            }
            _ if story > 0 => (until - story - chance.between(6 * HOUR, 60 * HOUR), None),
            fate => (born(fate, &self.projects[issue.project], until, chance), None),
        };
        let mut lives = vec![(born, fixed_by.map_or(until, |by| releases[by].at))];
        if issue.fate == Fate::Regressed {
            let by = fixed_by.unwrap_or(1) as i64;
            let back = chance.between(by + 1, last as i64 + 1) as usize;
            let back = releases[back].at + chance.between(3 * MINUTE, 5 * HOUR);
            lives.push((back, until.max(back + 1)));
        }
        Issue { lives, fixed_by, ..issue }
    }

    /// Deals the events to the issues: few have many, many have few.
    fn count(&mut self, events: usize) {
        let mut chance = Chance::of(&[self.seed, 3]);
        for at in 0..self.projects.len() {
            let of_project = self.projects[at].data.share * events as f64 * DEALT;
            let weights: Vec<(usize, f64)> = self
                .issues
                .iter()
                .filter(|issue| issue.project == at)
                .map(|issue| (issue.number, weight(issue, &mut chance)))
                .collect();
            let sum: f64 = weights.iter().map(|(_, weight)| weight).sum();
            for (number, weight) in weights {
                let issue = &mut self.issues[number];
                let dealt = (of_project * weight / sum) as usize;
                issue.count = match issue.fate {
                    Fate::OneOff => 1 + chance.below(4),
                    Fate::Hotfix => (f64::from(issue.data.burst) * self.scale) as usize,
                    _ => dealt,
                }
                .max(issue.lives.len() * 3 - 1);
            }
        }
    }
}

fn weight(issue: &Issue, chance: &mut Chance) -> f64 {
    let days = issue.lives.iter().map(|(start, end)| end - start).sum::<i64>() as f64 / DAY as f64;
    let of_shape = match issue.data.shape {
        Shape::Steady | Shape::Rising => 1.0,
        Shape::Bursts | Shape::Deploys => 0.5,
        Shape::Nightly => 0.3,
    };
    let luck = (chance.normal() * 1.1).exp();
    issue.data.share.unwrap_or(1.0) * of_shape * luck * (0.05 + 0.95 * days / 30.0)
}

/// Fates for so many issues, so that every status is there whatever the seed.
fn deck(count: usize) -> Vec<Fate> {
    let parts = [
        (Fate::OneOff, 10),
        (Fate::Moved, 11),
        (Fate::Verifying, 8),
        (Fate::CannotReproduce, 4),
        (Fate::PendingFix, 10),
        (Fate::Fixing, 6),
        (Fate::FixFailed, 3),
        (Fate::Fixed, 5),
        (Fate::Verified, 4),
        (Fate::Deployed, 15),
        (Fate::Regressed, 3),
    ];
    let mut deck: Vec<Fate> = parts
        .iter()
        .flat_map(|(fate, percent)| std::iter::repeat_n(*fate, (count * percent).div_ceil(100)))
        .collect();
    deck.resize(count, Fate::New);
    deck
}

/// When an issue began that is not fixed yet: long enough ago for what was done about it.
fn born(fate: Fate, project: &Project, until: i64, chance: &mut Chance) -> i64 {
    let start = until - MONTH;
    let age = match fate {
        Fate::Noise => 14 * DAY,
        Fate::Verifying => 20 * HOUR,
        Fate::CannotReproduce | Fate::PendingFix => 2 * DAY,
        Fate::Fixing => 3 * DAY,
        Fate::Fixed | Fate::FixFailed | Fate::Verified => 5 * DAY,
        _ => 20 * MINUTE,
    };
    let latest = until - age;
    let releases = &project.releases[1..];
    match chance.unit() {
        // What was wrong already when reporting began.
        share if share < 0.38 => chance.between(start, start + 30 * HOUR),
        share if share < 0.72 => {
            let at = chance.pick(releases).at + chance.between(5 * MINUTE, 4 * HOUR);
            at.min(latest)
        }
        share if share < 0.86 && age < DAY => chance.between(until - 26 * HOUR, latest),
        _ => chance.between(start, latest),
    }
}

/// The same place some lines below.
pub(super) fn shifted(place: &str, lines: i64) -> String {
    let Some((file, rest)) = place.split_once(':') else { return place.to_owned() };
    let (line, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let line = line.parse().unwrap_or(0) + lines;
    format!("{file}:{line} {rest}")
}

fn project(data: ProjectData, chance: &mut Chance, start: i64) -> Project {
    let mut version = data.version;
    let release = |chance: &mut Chance, at: i64, before: i64, version: [u32; 3]| Release {
        at,
        staging_at: (at - chance.between(16 * HOUR, 28 * HOUR)).max(before + MINUTE),
        version: version.map(|number| number.to_string()).join("."),
        commit: chance.hex(40),
    };
    let mut releases = vec![release(chance, start - 2 * DAY, start - 9 * DAY, version)];
    let gap = MONTH / data.deploys as i64;
    let mut hotfix = None;
    for nth in 0..data.deploys {
        let from = start + nth as i64 * gap;
        let is_last = nth + 1 == data.deploys;
        let end = from + gap - if is_last { 9 * HOUR } else { gap / 10 };
        let at = working(chance, from + gap / 5, end);
        version = if chance.is(0.4) {
            [version[0], version[1] + 1, 0]
        } else {
            [version[0], version[1], version[2] + 1]
        };
        let before = releases[releases.len() - 1].at;
        releases.push(release(chance, at, before, version));
        if data.hotfix && nth + 4 == data.deploys {
            version[2] += 1;
            hotfix = Some(releases.len());
            let repaired = at + 4 * HOUR + chance.between(0, HOUR);
            releases.push(release(chance, repaired, repaired - HOUR, version));
        }
    }
    Project { data, releases, hotfix }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// 2026-01-30T12:00:00Z.
    const UNTIL: i64 = 1_769_774_400_000;

    #[test]
    fn releases_come_in_order_and_every_fix_is_in_one() {
        for seed in 0..40 {
            let world = World::new(seed, UNTIL, 50_000);
            for project in &world.projects {
                let releases = &project.releases;
                assert!(releases.is_sorted_by(|a, b| a.at < b.at && a.at < b.staging_at));
                assert!(releases[releases.len() - 1].at < UNTIL);
            }
            for issue in &world.issues {
                let of = format!("{seed}: {} {:?}", issue.place, issue.fate);
                let needs = matches!(issue.fate, Fate::Deployed | Fate::Regressed | Fate::Hotfix);
                assert!(!needs || issue.fixed_by.is_some(), "{of}");
                for (start, end) in &issue.lives {
                    assert!(start < end && *end <= UNTIL, "{of} {:?}", issue.lives);
                }
                assert_eq!(world.issues[issue.number].place, issue.place);
            }
            let place = |issue: &Issue| {
                let place = if issue.data.unknown { "unknown" } else { &issue.place };
                (issue.project, issue.data.t.clone(), place.split(' ').next().map(str::to_owned))
            };
            let places: HashSet<_> = world.issues.iter().map(place).collect();
            assert_eq!(places.len(), world.issues.len(), "{seed}: two issues are one");
            assert!((200..260).contains(&world.issues.len()), "{}", world.issues.len());
        }
    }

    #[test]
    fn a_place_moves_by_lines() {
        assert_eq!(shifted("a/b.ts:12 f | x: y", 3), "a/b.ts:15 f | x: y");
    }
}
