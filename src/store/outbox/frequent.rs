//! How often issues are reported, minute by minute, as far as a rule asks. In memory alone: after a
//! start the counting begins anew.

use std::collections::{HashMap, VecDeque};

use crate::domain::notify::rule::{COOL_DOWN_MS, Rule};

/// Windows that are remembered: past it the counting begins anew, rather than without end.
const WINDOWS_MAX: usize = 20_000;
const MINUTE_MS: i64 = 60_000;

/// Windows by rule and issue.
#[derive(Debug, Default)]
pub(super) struct Windows(HashMap<(i64, i64), Window>);

#[derive(Debug, Default)]
struct Window {
    minutes: VecDeque<(i64, i64)>,
    sum: i64,
    /// When it passed last; 0 if it did not, or is below again.
    passed_at: i64,
}

impl Windows {
    /// Counts reports; whether with them there are as many as the rule waits for. Once, until there
    /// are fewer again and some time has passed.
    pub(super) fn passes(&mut self, key: (i64, i64), more: i64, rule: &Rule, now: i64) -> bool {
        if self.0.len() >= WINDOWS_MAX && !self.0.contains_key(&key) {
            self.0.clear();
        }
        let window = self.0.entry(key).or_default();
        let minute = now.div_euclid(MINUTE_MS);
        while let Some((at, number)) = window.minutes.front().copied()
            && at <= minute - rule.minutes
        {
            window.sum -= number;
            window.minutes.pop_front();
        }
        if window.sum < rule.reports && now - window.passed_at >= COOL_DOWN_MS {
            window.passed_at = 0;
        }
        window.sum += more;
        match window.minutes.back_mut() {
            Some((at, number)) if *at == minute => *number += more,
            _ => window.minutes.push_back((minute, more)),
        }
        let passes = window.sum >= rule.reports && window.passed_at == 0;
        if passes {
            window.passed_at = now;
        }
        passes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: (i64, i64) = (1, 1);

    #[test]
    fn it_passes_once_until_it_is_below_again() {
        let rule = Rule { reports: 10, minutes: 5, ..Rule::default() };
        let mut windows = Windows::default();
        let mut at = |minute: i64, more| {
            windows.passes(KEY, more, &rule, 1_000_000_000_000 + minute * MINUTE_MS)
        };
        assert!(!at(0, 9));
        assert!(at(4, 1), "ten within five minutes");
        assert!(!at(4, 100), "told already");
        assert!(!at(10, 9), "below again");
        assert!(!at(11, 9), "told half an hour ago at most");
        assert!(!at(40, 9));
        assert!(at(41, 1), "a new one");
    }
}
