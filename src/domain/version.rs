//! The order of versions by the precedence rules of semver.org 2.0.
//!
//! Wider than the rules in what it takes: a leading `v`, and `1` or `1.2` for `1.0.0` or `1.2.0`.
//! Numbers are compared as digits, so none is too long.

use std::cmp::Ordering;

struct Version<'a> {
    /// Major, minor, patch.
    numbers: [&'a str; 3],
    /// What stands after the hyphen; empty for a release.
    pre_release: &'a str,
}

/// Which of two versions is older; build metadata does not count. `None` when one of them is no
/// semantic version: then only the order in which a project saw them can tell.
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (parse(a)?, parse(b)?);
    let mut order = Ordering::Equal;
    for (left, right) in a.numbers.iter().zip(b.numbers) {
        order = order.then_with(|| compare_numbers(left, right));
    }
    Some(order.then_with(|| compare_pre_releases(a.pre_release, b.pre_release)))
}

fn parse(text: &str) -> Option<Version<'_>> {
    let text = text.trim_ascii();
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let (text, build) = match text.split_once('+') {
        Some((text, build)) => (text, Some(build)),
        None => (text, None),
    };
    let (core, pre_release) = match text.split_once('-') {
        Some((core, pre_release)) => (core, Some(pre_release)),
        None => (text, None),
    };
    let is_sound = build.is_none_or(|build| build.split('.').all(is_identifier))
        && pre_release.is_none_or(|pre| {
            pre.split('.').all(|id| is_identifier(id) && (!is_digits(id) || is_number(id)))
        });
    let mut numbers = ["0"; 3];
    let mut parts = core.split('.');
    for (number, part) in numbers.iter_mut().zip(&mut parts) {
        *number = Some(part).filter(|part| is_number(part))?;
    }
    (is_sound && parts.next().is_none())
        .then_some(Version { numbers, pre_release: pre_release.unwrap_or("") })
}

fn compare_pre_releases(a: &str, b: &str) -> Ordering {
    match (a.is_empty(), b.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => {
            let mut right = b.split('.');
            for left in a.split('.') {
                let order = right.next().map_or(Ordering::Greater, |r| compare_ids(left, r));
                if order.is_ne() {
                    return order;
                }
            }
            if right.next().is_some() { Ordering::Less } else { Ordering::Equal }
        }
    }
}

fn compare_ids(a: &str, b: &str) -> Ordering {
    match (is_digits(a), is_digits(b)) {
        (true, true) => compare_numbers(a, b),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => a.cmp(b),
    }
}

/// Numbers without leading zeros: the longer is the greater.
fn compare_numbers(a: &str, b: &str) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

fn is_number(text: &str) -> bool {
    is_digits(text) && (text == "0" || !text.starts_with('0'))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, expected: Option<Ordering>) {
        assert_eq!(compare(a, b), expected, "{a} to {b}");
        assert_eq!(compare(b, a), expected.map(Ordering::reverse), "{b} to {a}");
    }

    #[test]
    fn precedence_is_the_published_order() {
        let ascending = [
            "0.0.0-0",
            "0.9.9",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.0.9",
            "1.0.10",
            "1.9.0",
            "1.10.0",
            "2.0.0",
            "2.1.0",
            "99999999999999999999999.0.0",
            "100000000000000000000000.0.0",
        ];
        let sound = ascending;
        for (at, older) in sound.iter().enumerate() {
            check(older, older, Some(Ordering::Equal));
            for newer in &sound[at + 1..] {
                check(older, newer, Some(Ordering::Less));
            }
        }
    }

    #[test]
    fn a_leading_v_build_metadata_and_short_versions_are_read() {
        check("v1.2.3", "1.2.3", Some(Ordering::Equal));
        check("1.2", "1.2.0", Some(Ordering::Equal));
        check("V1", "1.0.0", Some(Ordering::Equal));
        check("1.2.3+build.5", "1.2.3+001", Some(Ordering::Equal));
        check("1.2-rc.1", "1.2", Some(Ordering::Less));
        check("1.2.3\n", "1.2.4", Some(Ordering::Less));
        check("1.0.0--", "1.0.0", Some(Ordering::Less));
        check("1.0.0-x-y.7", "1.0.0-x-y.10", Some(Ordering::Less));
    }

    #[test]
    fn what_is_no_semantic_version_has_no_order() {
        for other in [
            "",
            "v",
            "abc1234",
            "1.2.3.4",
            "01.2.3",
            "1.02.3",
            "1..3",
            "1.2.",
            ".1",
            "1.2.3-",
            "1.2.3-01",
            "1.2.3-a..b",
            "1.2.3+",
            "1.2.3+a..b",
            "1.2.3-ä",
            "1.2.x",
            "-1.0.0",
            "2026.01.30",
            "vv1.0.0",
        ] {
            check(other, "1.0.0", None);
        }
        check("1.2.3-0a", "1.2.3-0b", Some(Ordering::Less));
    }
}
