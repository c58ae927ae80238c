//! Keeps reporting to a running server, as the demo's programs would: mostly what they reported
//! before, at times many at once, now and then something new.

use std::sync::Arc;
use std::time::Duration;

use super::body;
use super::chance::Chance;
use super::data::Fate;
use super::plan::{self, Environment, Event};
use super::world::{Issue, World};
use crate::app::App;
use crate::store::record::Recorded;

/// How often something new comes, of all reports.
const NEW: f64 = 0.012;
/// How often something that was fixed comes back.
const BACK: f64 = 0.003;
/// How often a burst begins.
const BURST: f64 = 0.02;

/// Sends about `rate` reports a minute until it is dropped.
pub(super) async fn send(app: Arc<App>, world: World, rate: u32) {
    let chance = Chance::of(&[world.seed, app.now().cast_unsigned()]);
    let usual = world.issues.iter().filter(|issue| issue.is_alive(world.until - 1));
    let usual = usual.map(|issue| (issue.number, issue.count.min(600) + 5)).collect();
    let mut sender = Sender { app, world, chance, usual };
    loop {
        let pause = sender.chance.exponential().min(4.0) * 60_000.0 / f64::from(rate);
        tokio::time::sleep(Duration::from_millis(pause as u64)).await;
        let issue = sender.next();
        let reports = if sender.chance.is(BURST) { 6 + sender.chance.below(20) } else { 1 };
        for nth in 0..reports {
            if nth > 0 {
                let pause = sender.chance.between(80, 700).cast_unsigned();
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
            sender.report(&issue).await;
        }
    }
}

struct Sender {
    app: Arc<App>,
    world: World,
    chance: Chance,
    /// Issues that come now, each with its weight.
    usual: Vec<(usize, usize)>,
}

impl Sender {
    fn next(&mut self) -> Issue {
        if self.chance.is(NEW) {
            return self.something_new();
        }
        if self.chance.is(BACK) {
            let fixed = |issue: &&Issue| issue.fate == Fate::Deployed;
            let fixed: Vec<&Issue> = self.world.issues.iter().filter(fixed).collect();
            return (*self.chance.pick(&fixed)).clone();
        }
        let sum = self.usual.iter().map(|(_, weight)| weight).sum();
        let mut left = self.chance.below(sum);
        let at = self.usual.iter().find(|(_, weight)| match left.checked_sub(*weight) {
            Some(rest) => {
                left = rest;
                false
            }
            None => true,
        });
        self.world.issues[at.map_or(0, |(number, _)| *number)].clone()
    }

    /// What was kept for now; then known errors at places of their own.
    fn something_new(&mut self) -> Issue {
        let mut issue = match self.world.fresh.pop() {
            Some(issue) => issue,
            None => {
                let known = self.chance.pick(&self.world.issues).clone();
                let lines = self.chance.between(1, 400);
                Issue { place: super::world::shifted(&known.place, lines), ..known }
            }
        };
        issue.number = self.world.issues.len();
        self.usual.push((issue.number, 40));
        self.world.issues.push(issue.clone());
        issue
    }

    /// Reports it, and what the same request brings about elsewhere.
    async fn report(&mut self, issue: &Issue) {
        let (request, at) = (self.chance.next(), self.app.now());
        let environment = match self.chance.below(10) {
            0 => Environment::Staging,
            _ => Environment::Production,
        };
        self.send(issue, Event { at, issue: issue.number, request, environment, release: 0 }).await;
        let echo = self.world.echo(issue).cloned().filter(|_| self.chance.is(0.6));
        if let Some(echo) = echo {
            let event = Event { at, issue: echo.number, request, environment, release: 0 };
            self.send(&echo, event).await;
        }
    }

    async fn send(&self, issue: &Issue, event: Event) {
        let project = &self.world.projects[issue.project];
        let release = plan::release(project, event.at, event.environment, false);
        let body = body::of(&self.world, issue, &Event { release, ..event });
        let intake = self.app.intake();
        let Ok(report) = intake.report(body.as_bytes()) else { return };
        let prepared = self.app.prepare(report);
        match self.app.ingest.report(prepared).await {
            Ok(Recorded::Issue { is_new, .. }) => {
                self.app.metrics.reports_accepted.add(1);
                self.app.metrics.reports_duplicate.add(u64::from(!is_new));
            }
            Ok(Recorded::TooManyProjects) => {}
            Err(why) => tracing::debug!(?why, "a report of the demo was refused"),
        }
    }
}
