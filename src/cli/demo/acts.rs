//! What people did about the issues: moves with their notes, comments, assignments, mutes.

use super::calendar::{DAY, HOUR, MINUTE, working};
use super::chance::Chance;
use super::data::Fate;
use super::world::{Issue, World};
use crate::domain::change::{Change, Mute};
use crate::domain::status::Status;

/// Something that somebody did.
#[derive(Clone, Debug)]
pub(super) struct Act {
    /// When.
    pub(super) at: i64,
    /// The issue's number.
    pub(super) issue: usize,
    /// Who.
    pub(super) who: String,
    /// What.
    pub(super) what: What,
}

/// A change or words.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// A move, an assignment, a mute.
    Change(Box<Change>),
    /// A comment.
    Comment(String),
}

/// Everything that people did, in no order.
pub(super) fn acts(world: &World) -> Vec<Act> {
    let of = |issue| {
        let issue: &Issue = issue;
        let chance = Chance::of(&[world.seed, 6, issue.number as u64]);
        let (acts, assignee) = (Vec::new(), String::new());
        let mut hand = Hand { world, issue, chance, acts, assignee };
        hand.write();
        hand.acts
    };
    world.issues.iter().flat_map(of).collect()
}

struct Hand<'a> {
    world: &'a World,
    issue: &'a Issue,
    chance: Chance,
    acts: Vec<Act>,
    /// Nobody: empty.
    assignee: String,
}

impl Hand<'_> {
    fn write(&mut self) {
        if !self.issue.data.story.is_empty() {
            return self.tell();
        }
        let owner = self.chance.pick(&self.world.team.people).clone();
        self.moves(&owner);
        match self.issue.fate {
            Fate::Noise => self.mute(&owner),
            Fate::New if self.chance.is(0.1) => {
                let at = self.soon();
                self.assign(at, &owner);
            }
            _ => {}
        }
        let talkative = if self.issue.count > 150 { 0.5 } else { 0.2 };
        if self.chance.is(talkative) && self.issue.fate != Fate::OneOff {
            self.comments();
        }
    }

    /// A story as it stands in the files.
    fn tell(&mut self) {
        let is_storm = self.issue.data.storm > 0;
        let start = if is_storm { self.world.storm } else { self.issue.born() };
        for step in &self.issue.data.story {
            let at = start + (step.0 * HOUR as f64) as i64;
            let status = Status::ALL.iter().find(|status| status.name() == step.2);
            match status {
                None => self.say(at, &step.1, step.3.clone()),
                Some(to) => self.step(at, &step.1, *to, step.3.clone()),
            }
        }
    }

    fn moves(&mut self, owner: &str) {
        use Status::{CannotReproduce, FixFailed, Fixed, Fixing, PendingFix, Verified, Verifying};
        let detour = self.chance.is(0.15);
        let whole = [Verifying, PendingFix, Fixing, Fixed, Verified];
        let again = [Verifying, PendingFix, Fixing, Fixed, FixFailed, Fixing, Fixed, Verified];
        let route: &[Status] = match self.issue.fate {
            Fate::Verifying => &[Verifying],
            Fate::CannotReproduce => &[Verifying, CannotReproduce],
            Fate::PendingFix if detour => &[Verifying, CannotReproduce, Verifying, PendingFix],
            Fate::PendingFix => &whole[..2],
            Fate::Fixing if detour => &again[..6],
            Fate::Fixing => &whole[..3],
            Fate::FixFailed => &again[..5],
            Fate::Fixed if detour => &again[..7],
            Fate::Fixed => &whole[..4],
            Fate::Verified | Fate::Deployed | Fate::Regressed if detour => &again,
            Fate::Verified | Fate::Deployed | Fate::Regressed => &whole,
            Fate::New | Fate::OneOff | Fate::Moved | Fate::Noise | Fate::Hotfix => &[],
        };
        let times = self.times(route.len());
        for (to, at) in route.iter().zip(times) {
            self.step_with_note(at, owner, *to);
        }
        if self.issue.fate == Fate::Regressed {
            self.reopened(owner);
        }
    }

    /// One time a step. A fix is checked between the release before it and its own.
    fn times(&mut self, steps: usize) -> Vec<i64> {
        let (world, issue) = (self.world, self.issue);
        let begin = issue.born() + 12 * MINUTE;
        let releases = &world.projects[issue.project].releases;
        let last = match (issue.fate, issue.fixed_by) {
            (_, Some(by)) => Some((releases[by - 1].at, releases[by].at - 5 * MINUTE)),
            (Fate::Verified, _) => Some((releases[releases.len() - 1].at, world.until - MINUTE)),
            _ => None,
        };
        let last = last.filter(|_| steps > 0).map(|(from, to)| {
            let from = from.max(begin + HOUR).min(to - MINUTE);
            working(&mut self.chance, from + MINUTE, to)
        });
        let days = 2.0 + self.chance.exponential() * 4.0 * steps as f64;
        let end = last
            .unwrap_or_else(|| (begin + (days * DAY as f64) as i64).min(world.until - 3 * MINUTE));
        let others = steps - usize::from(last.is_some());
        let mut times: Vec<i64> =
            (0..others).map(|_| working(&mut self.chance, begin, end - MINUTE)).collect();
        times.sort_unstable();
        times.extend(last);
        times
    }

    /// What followed a regression.
    fn reopened(&mut self, owner: &str) {
        let Some((back, until)) = self.issue.lives.get(1).copied() else { return };
        let (start, end) = (back + 20 * MINUTE, (back + 3 * DAY).min(until - 2 * MINUTE));
        if end <= start || self.chance.is(0.35) {
            return;
        }
        let at = working(&mut self.chance, start, end);
        let note = self.note("REOPENED");
        if self.chance.is(0.3) {
            return self.say(at, owner, note);
        }
        self.step(at, owner, Status::Verifying, note);
        if self.chance.is(0.4) {
            self.step_with_note(at + 9 * MINUTE, owner, Status::PendingFix);
        }
    }

    fn step_with_note(&mut self, at: i64, owner: &str, to: Status) {
        let checks = matches!(to, Status::Verified | Status::FixFailed);
        let checkers = &self.world.team.checkers;
        let who = if checks { self.chance.pick(checkers).clone() } else { owner.to_owned() };
        let note = self.note(to.name());
        self.step(at, &who, to, note);
    }

    fn step(&mut self, at: i64, who: &str, to: Status, note: String) {
        let is_fix = to == Status::Fixed;
        let change = Change {
            status: Some(to),
            note: Some(note).filter(|note| !note.is_empty()),
            commit_hash: is_fix.then(|| self.chance.hex(40)),
            ..Change::default()
        };
        self.change(at, who, change);
        if matches!(to, Status::PendingFix | Status::Fixing) {
            self.assign(at + 2_000, who);
        }
    }

    fn assign(&mut self, at: i64, who: &str) {
        if self.assignee != who {
            who.clone_into(&mut self.assignee);
            let assignee = Some(Some(who.to_owned()));
            self.change(at, who, Change { assignee, ..Change::default() });
        }
    }

    fn mute(&mut self, who: &str) {
        let at = self.soon();
        let mute = match self.chance.below(5) {
            0 => Mute::Reports(self.issue.count as i64 + 2_000),
            1 => Mute::At(self.world.until + self.chance.between(2 * DAY, 12 * DAY)),
            _ => Mute::ForEver,
        };
        let note = self.chance.pick(&self.world.team.mutes).clone();
        let change =
            Change { muted_until: Some(Some(mute)), note: Some(note), ..Change::default() };
        self.change(at, who, change);
    }

    fn comments(&mut self) {
        let end = self.issue.lives.iter().map(|(_, end)| *end).max().unwrap_or(0);
        let releases = &self.world.projects[self.issue.project].releases;
        for _ in 0..1 + self.chance.below(3) {
            let at = working(&mut self.chance, self.issue.born() + 15 * MINUTE, end - 2 * MINUTE);
            let version = releases.iter().rfind(|release| release.at <= at);
            let version = version.map_or("", |release| release.version.as_str());
            let words = self.chance.pick(&self.world.team.comments);
            let words = words.replace("{version}", version);
            let who = self.chance.pick(&self.world.team.people).clone();
            self.say(at, &who, words);
        }
    }

    /// Within some days after it came, when somebody is at work.
    fn soon(&mut self) -> i64 {
        let start = self.issue.born() + 12 * MINUTE;
        let end = (start + 5 * DAY).min(self.world.until - 2 * MINUTE);
        working(&mut self.chance, start, end)
    }

    fn note(&mut self, of: &str) -> String {
        let notes = self.world.team.notes.get(of).map_or(&[][..], Vec::as_slice);
        if notes.is_empty() {
            return String::new();
        }
        let number = self.chance.between(1_050, 1_400).to_string();
        self.chance.pick(notes).replace("{pr}", &number)
    }

    fn say(&mut self, at: i64, who: &str, words: String) {
        self.push(at, who, What::Comment(words));
    }

    fn change(&mut self, at: i64, who: &str, change: Change) {
        self.push(at, who, What::Change(Box::new(change)));
    }

    fn push(&mut self, at: i64, who: &str, what: What) {
        // Two steps of one moment would have no order.
        let at = self.acts.last().map_or(at, |before| match what {
            What::Change(_) if before.at >= at => before.at + 1_000,
            _ => at,
        });
        self.acts.push(Act { at, issue: self.issue.number, who: who.to_owned(), what });
    }
}

#[cfg(test)]
mod tests {
    use super::super::world::Release;
    use super::*;
    use crate::domain::workflow;

    /// 2026-01-30T12:00:00Z.
    const UNTIL: i64 = 1_769_774_400_000;

    /// Walks one issue through its acts, releases and regressions; the status at the end.
    fn walked(world: &World, issue: &Issue, acts: &[Act]) -> Status {
        let mut acts: Vec<&Act> = acts.iter().filter(|act| act.issue == issue.number).collect();
        acts.sort_by_key(|act| act.at);
        let releases = &world.projects[issue.project].releases;
        let mut status = Status::New;
        let mut since = issue.born();
        for act in acts {
            let of = format!("{} {}: {:?}", world.seed, issue.place, issue.fate);
            assert!(act.at > issue.born(), "{of} {act:?}");
            status = before(status, since, act.at, releases, issue);
            since = act.at;
            if let What::Change(change) = &act.what {
                let steps = workflow::steps(status, change);
                status = steps.expect(&of).last().copied().unwrap_or(status);
            }
        }
        before(status, since, world.until, releases, issue)
    }

    fn before(status: Status, since: i64, at: i64, releases: &[Release], issue: &Issue) -> Status {
        let is_released = releases.iter().any(|release| (since..at).contains(&release.at));
        let is_back = issue.lives.get(1).is_some_and(|(back, _)| (since..at).contains(back));
        let status = match status {
            Status::Verified if is_released => Status::Deployed,
            other => other,
        };
        if status == Status::Deployed && is_back { Status::New } else { status }
    }

    #[test]
    fn every_history_is_allowed_and_every_status_is_there() {
        for seed in 0..30_u64 {
            // Another weekday and hour each.
            let until = UNTIL - seed.cast_signed() * 17 * HOUR;
            let world = World::new(seed, until, 20_000);
            let acts = acts(&world);
            let mut reached: Vec<Status> =
                world.issues.iter().map(|issue| walked(&world, issue, &acts)).collect();
            for (issue, status) in world.issues.iter().zip(&reached) {
                let expected = match issue.fate {
                    Fate::Verifying => Status::Verifying,
                    Fate::CannotReproduce => Status::CannotReproduce,
                    Fate::PendingFix => Status::PendingFix,
                    Fate::Fixing => Status::Fixing,
                    Fate::FixFailed => Status::FixFailed,
                    Fate::Fixed => Status::Fixed,
                    Fate::Verified => Status::Verified,
                    Fate::Deployed | Fate::Hotfix => Status::Deployed,
                    Fate::Regressed => continue,
                    _ => Status::New,
                };
                assert_eq!(*status, expected, "{seed} {}: {:?}", issue.place, issue.fate);
            }
            reached.sort_unstable();
            reached.dedup();
            assert_eq!(reached.len(), Status::ALL.len(), "{seed}");
        }
    }
}
