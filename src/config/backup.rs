//! When backups are made by the clock, how many are kept, and where.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

/// A year.
const HOURS_MAX: u32 = 8_784;

/// What `serve` can be told about backups.
#[derive(Clone, Debug, Args)]
pub struct Backup {
    /// Make a backup so often, e.g. 24h or 7d; off: only when one is asked for
    ///
    /// The first one is made at the start, unless there is one that is young enough.
    #[arg(long, env = "LOG_CENTER_BACKUP_EVERY", value_name = "TIME", default_value = "off")]
    pub backup_every: Every,

    /// Backups that are kept, of those made by the clock and of those asked for
    #[arg(long, env = "LOG_CENTER_BACKUP_KEEP", value_name = "N", default_value_t = 7,
        value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub backup_keep: u32,

    /// Folder for backups; each server needs its own
    ///
    /// Default: backups, inside the data folder. A folder on another disk survives the loss of
    /// this one.
    #[arg(long, env = "LOG_CENTER_BACKUP_DIR", value_name = "DIR")]
    pub backup_dir: Option<PathBuf>,
}

/// Hours between backups, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Every(pub Option<u32>);

impl FromStr for Every {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self(None));
        }
        let (number, hours) = match (text.strip_suffix('h'), text.strip_suffix('d')) {
            (Some(number), _) => (number, 1),
            (None, Some(number)) => (number, 24),
            (None, None) => (text, 0),
        };
        let hours = number.parse::<u32>().ok().and_then(|number| number.checked_mul(hours));
        match hours {
            Some(hours @ 1..=HOURS_MAX) => Ok(Self(Some(hours))),
            _ => Err("expected whole hours or days, 1h to 366d, or off".into()),
        }
    }
}

impl std::fmt::Display for Every {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(hours) => write!(out, "{hours}h"),
            None => out.write_str("off"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_is_in_hours_or_days() {
        let table = [("off", None), ("1h", Some(1)), ("24h", Some(24)), ("7d", Some(168))];
        for (text, expected) in table {
            assert_eq!(text.parse(), Ok(Every(expected)), "{text}");
        }
        for text in ["", "0h", "24", "1m", "367d", "-1h", "99999999999d", "on", "1.5h"] {
            assert!(text.parse::<Every>().is_err(), "{text}");
        }
    }
}
