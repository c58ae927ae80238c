//! `log-center demo`: fills an empty data folder with a month of a made-up shop, the same for the
//! same seed, and on request goes on with it.

mod acts;
mod body;
mod calendar;
mod chance;
mod context;
mod data;
mod fill;
mod live;
mod people;
mod plan;
mod stack;
mod world;

use std::io::IsTerminal;
use std::path::Path;
use std::time::Instant;

use clap::Args;

use super::progress::Progress;
use super::serve;
use crate::app;
use crate::config::Config;
use crate::domain::scrub::Scrubber;
use crate::domain::timestamp;
use crate::store::engine::Engine;
use crate::store::{self, Place, Writer, marks};
use calendar::HOUR;
use fill::Made;
use world::World;

const EXAMPLES: &str = "\
Examples:
  log-center demo --live                       Fill, serve and go on reporting
  log-center demo --data /tmp/demo             Fill this folder, and that is all
  log-center --data /tmp/demo                  Serve what was filled
  log-center demo --data /tmp/b --seed 7       Another month of the same shop
  log-center demo --data /tmp/c --events 2000  A small one

It only ever fills a folder without data. To begin anew, remove the folder
yourself.";

/// Fill an empty data folder with example data, to look around
///
/// Makes up a month of a web shop: six projects in several languages, browsers, releases, an
/// outage, and issues in every status with what people did about them. The same seed and the same
/// end give the same data. Nobody in it is real.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Demo {
    /// Decides everything that is made up
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// When the month ends, e.g. 2026-01-30T12:00:00Z
    ///
    /// Default: the last full hour.
    #[arg(long, value_name = "TIME", value_parser = past)]
    until: Option<i64>,

    /// About how many reports the month has
    #[arg(long, value_name = "N", default_value_t = 50_000,
        value_parser = clap::value_parser!(u32).range(2_000..=500_000))]
    events: u32,

    /// Serve the folder afterwards, and keep reporting to it until Ctrl-C
    ///
    /// A folder that the demo filled before is served as it is.
    #[arg(long)]
    live: bool,

    /// Reports a minute with --live, about
    #[arg(long, value_name = "N", default_value_t = 30, requires = "live",
        value_parser = clap::value_parser!(u32).range(1..=6_000))]
    rate: u32,

    /// Say nothing but what went wrong
    #[arg(long, short)]
    quiet: bool,

    #[command(flatten, next_help_heading = "As for serve")]
    config: Config,
}

fn past(text: &str) -> Result<i64, String> {
    let at = timestamp::parse(text).ok_or("expected a time, e.g. 2026-01-30T12:00:00Z")?;
    if at > app::now() {
        return Err("it lies in the future".into());
    }
    Ok(at)
}

impl Demo {
    /// Fills, and serves if it is to be live. The error is one sentence.
    pub(super) fn run(self) -> Result<(), String> {
        let folder = self.config.data_dir()?;
        let mut writer = store::open(&folder, i64::from(self.config.events_per_issue))?;
        let broken =
            |error| format!("The database in {} cannot be read: {error}.", folder.display());
        let world = if marks::is_empty(&mut writer.db).map_err(broken)? {
            self.filled(&mut writer, &folder)?
        } else {
            let made = made_before(&mut writer.db).map_err(broken)?;
            match made {
                Some(world) if self.live => world,
                made => return Err(refusal(&folder, made.is_some())),
            }
        };
        // It is opened again to be served.
        drop(writer);
        if !self.live {
            return Ok(());
        }
        let rate = self.rate;
        serve::run_beside(self.config, move |app| live::send(app, world, rate))
    }

    fn filled(&self, writer: &mut Writer, folder: &Path) -> Result<World, String> {
        let began = Instant::now();
        let until = self.until.unwrap_or_else(|| app::now().div_euclid(HOUR) * HOUR);
        let world = World::new(self.seed, until, self.events as usize);
        let scrubber = Scrubber::new(&self.config.scrub_key, &self.config.keep_key);
        let mut shown = Shown::new(self.quiet);
        let made = fill::fill(writer, &world, &scrubber, &mut |done, all| shown.at(done, all))?;
        shown.say("Indexing …");
        fill::tidy_up(writer, i64::from(self.config.events_per_issue))?;
        drop(shown);
        if !self.quiet {
            self.say_what_was_made(made, &world, folder, began);
        }
        Ok(world)
    }

    fn say_what_was_made(&self, made: Made, world: &World, folder: &Path, began: Instant) {
        let bytes = std::fs::metadata(Place::of(folder).path()).map_or(0, |file| file.len());
        println!(
            "Made {} projects with {} issues and {} reports of 30 days in {:.1} s.\n\
             Seed {}, until {}; {} MB in {}",
            made.projects,
            made.issues,
            grouped(made.reports),
            began.elapsed().as_secs_f64(),
            world.seed,
            timestamp::format(world.until),
            bytes.div_ceil(1_000_000),
            folder.display(),
        );
        if !self.live {
            let data = match &self.config.data {
                Some(folder) => format!(" --data {}", folder.display()),
                None => String::new(),
            };
            println!("\nLook at it, here or with more to come:\n");
            println!("  log-center{data}\n  log-center demo --live{data}\n");
            println!("and open http://localhost:8002");
        } else {
            println!();
        }
    }
}

/// The world of a folder that the demo filled.
fn made_before(db: &mut dyn Engine) -> store::Result<Option<World>> {
    let mut mark = |name| marks::find(db, name);
    let marks = (mark("demo_seed")?, mark("demo_until")?, mark("demo_scale")?);
    let (Some(seed), Some(until), Some(scale)) = marks else { return Ok(None) };
    Ok(Some(World::new(seed.cast_unsigned(), until, (scale * 50) as usize)))
}

fn refusal(folder: &Path, is_demo: bool) -> String {
    let shown = folder.display();
    if is_demo {
        return format!(
            "The data folder {shown} holds a demo already: serve it, or add --live. For another \
             one choose an empty folder with --data, or remove this one."
        );
    }
    format!(
        "The data folder {shown} holds data already, and the demo only fills an empty one. Choose \
         another with --data."
    )
}

/// How far it is: a bar on a terminal, else a line at each quarter.
struct Shown {
    bar: Option<Progress>,
    quarter: usize,
    quiet: bool,
}

impl Shown {
    fn new(quiet: bool) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let bar = (is_terminal && !quiet).then(|| Progress::start(Some(100), false));
        Self { bar, quarter: 0, quiet }
    }

    fn at(&mut self, done: usize, all: usize) {
        if let Some(bar) = &mut self.bar {
            let day = done * 30 / all.max(1) + 1;
            return bar.at((done * 100 / all.max(1)) as u64, &format!("Day {day} of 30"));
        }
        let quarter = done * 4 / all.max(1);
        if quarter > self.quarter {
            self.quarter = quarter;
            self.say(&format!("{} % …", quarter * 25));
        }
    }

    fn say(&mut self, words: &str) {
        match &mut self.bar {
            Some(bar) => bar.end(),
            None if !self.quiet => eprintln!("{words}"),
            None => {}
        }
    }
}

/// With a comma at each thousand.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        let table = [(7, "7"), (999, "999"), (1_000, "1,000"), (49_812, "49,812")];
        for (number, expected) in table {
            assert_eq!(grouped(number), expected);
        }
    }

    #[test]
    fn an_end_in_the_future_is_refused() {
        assert_eq!(past("2026-01-30T12:00:00Z"), Ok(1_769_774_400_000));
        assert!(past("2999-01-01T00:00:00Z").is_err() && past("soon").is_err());
    }
}
