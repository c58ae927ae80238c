//! What is asked of a filled database, over one connection that is kept alive, one after the other.

use std::time::{Duration, Instant};

use super::fill::Filled;
use super::reports::{self, PROJECTS, TYPES, WORDS};
use crate::median::percentile;
use crate::server::Server;
use crate::table::Goal;
use crate::wire::Asking;

/// How long one query is asked again and again, however few that makes.
const TIME_MAX: Duration = Duration::from_secs(10);
/// Two weeks.
const PERIOD_MS: u64 = 14 * 86_400_000;

/// One question, in many forms.
pub(crate) struct Query {
    pub(crate) name: &'static str,
    /// What is wanted of its 99th percentile in milliseconds.
    pub(crate) goal: Option<Goal>,
    /// What is wanted of it at most when there is ten times as much.
    pub(crate) growth: Option<Goal>,
    path: fn(&Filled, u64) -> String,
}

const QUICK: Option<Goal> = Some(Goal::AtMost(50.0, 10.0));
const FLAT: Option<Goal> = Some(Goal::AtMost(2.0, 1.2));

/// All of them.
pub(crate) const QUERIES: [Query; 9] = [
    Query {
        name: "list of 50 with a filter",
        goal: QUICK,
        growth: FLAT,
        path: |_, at| {
            let (project, level) = (pick(&PROJECTS, at), pick(&["ERROR", "WARNING"], at / 8));
            format!("/api/v1/issues?limit=50&project_id={project}&level={level}")
        },
    },
    Query {
        name: "list of 50 of a type in an environment",
        goal: QUICK,
        growth: FLAT,
        path: |_, at| {
            let (kind, environment) = (pick(&TYPES, at), pick(&["production", "staging"], at / 8));
            format!("/api/v1/issues?limit=50&type={kind}&environment={environment}")
        },
    },
    Query {
        name: "word search, a word of every eleventh issue",
        goal: QUICK,
        growth: FLAT,
        path: |_, at| format!("/api/v1/issues?limit=50&q={}", pick(&WORDS, at)),
    },
    Query {
        name: "word search, a word of one issue",
        goal: QUICK,
        growth: FLAT,
        path: |filled, at| {
            let issue = at * 7_919 % (filled.events / reports::EVENTS_AN_ISSUE);
            format!("/api/v1/issues?limit=50&q={}", reports::issue_word(issue))
        },
    },
    Query {
        name: "events by request id",
        goal: QUICK,
        growth: FLAT,
        path: |filled, at| {
            let number = at * 104_729 % filled.events;
            format!("/api/v1/events?request_id={}", reports::request_id(number))
        },
    },
    Query {
        name: "newest 50 events of a project",
        goal: QUICK,
        growth: FLAT,
        path: |_, at| format!("/api/v1/events?limit=50&project_id={}", pick(&PROJECTS, at)),
    },
    Query {
        name: "every project with its counts",
        goal: None,
        growth: None,
        path: |_, _| "/api/v1/projects".to_owned(),
    },
    Query {
        name: "list by count, one environment, 14 days",
        goal: Some(Goal::AtMost(100.0, 20.0)),
        growth: None,
        path: |filled, at| {
            let environment = pick(&["production", "staging"], at);
            let period = period(filled);
            format!("/api/v1/issues?limit=50&sort=count&environment={environment}&{period}")
        },
    },
    STATISTICS,
];

/// Also asked under full load.
pub(crate) const STATISTICS: Query = Query {
    name: "14 days of hourly statistics, one project",
    goal: Some(Goal::AtMost(20.0, 2.0)),
    growth: None,
    path: |filled, at| {
        let (project, period) = (pick(&PROJECTS, at), period(filled));
        format!("/api/v1/stats?interval=hour&project_id={project}&{period}")
    },
};

/// What a query took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Took {
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// Answers that were none: a read that would take longer than a second is ended.
    pub(crate) refused: usize,
}

/// What it took so far, in milliseconds.
#[derive(Debug, Default)]
struct Times {
    took: Vec<f64>,
    refused: usize,
}

impl Times {
    fn took(&self) -> Took {
        let share = |share| percentile(self.took.iter().copied(), share);
        Took { p50_ms: share(50), p99_ms: share(99), refused: self.refused }
    }
}

impl Query {
    /// Asks it as long as there is to be another one.
    pub(crate) fn ask(&self, server: &Server, filled: &Filled, is_more: impl Fn() -> bool) -> Took {
        let mut asking = Asking::new(server.port).expect("it listens");
        let mut times = Times::default();
        while times.took.is_empty() || is_more() {
            self.once(&mut asking, filled, &mut times);
        }
        times.took()
    }

    /// Asks it of several in turns, so many times or for ten seconds each.
    pub(crate) fn ask_in_turns(&self, all: &[(Server, &Filled)], times: u64) -> Vec<Took> {
        let end = Instant::now() + TIME_MAX * all.len() as u32;
        let asking = |server: &Server| Asking::new(server.port).expect("it listens");
        let mut asked: Vec<(Asking, &Filled, Times)> = all
            .iter()
            .map(|(server, filled)| (asking(server), *filled, Times::default()))
            .collect();
        for _ in 0..times {
            for (asking, filled, times) in &mut asked {
                self.once(asking, filled, times);
            }
            if Instant::now() > end {
                break;
            }
        }
        asked.iter().map(|(_, _, times)| times.took()).collect()
    }

    fn once(&self, asking: &mut Asking, filled: &Filled, times: &mut Times) {
        let path = (self.path)(filled, times.took.len() as u64);
        let began = Instant::now();
        let (status, body) = asking.get(&path).expect("an answer");
        assert!(status == 200 || status == 503, "{}", String::from_utf8_lossy(body));
        times.refused += usize::from(status != 200);
        times.took.push(began.elapsed().as_secs_f64() * 1e3);
    }

    /// The first of its forms.
    pub(crate) fn example(&self, filled: &Filled) -> String {
        (self.path)(filled, 0)
    }
}

fn pick(all: &[&'static str], at: u64) -> &'static str {
    all[at as usize % all.len()]
}

/// The last two weeks of a database, by its own clock.
fn period(filled: &Filled) -> String {
    let time = |ms| reports::rfc3339(ms);
    format!("since={}&until={}", time(filled.until_ms - PERIOD_MS), time(filled.until_ms))
}
