//! Times on the wire: ISO 8601 and RFC 3339 in, RFC 3339 with milliseconds out.
//! Inside the program a time is always milliseconds since 1970, UTC.

use time::{Date, Month};

/// Days from the Julian epoch to 1970-01-01.
const EPOCH_JULIAN_DAY: i32 = 2_440_588;
/// 9999-12-31T23:59:59.999Z.
const MS_MAX: i64 = 253_402_300_799_999;
const SECOND_MS: i64 = 1_000;
const DAY_MS: i64 = 24 * 60 * 60 * SECOND_MS;

/// Milliseconds since 1970 of a date, or of a date and a time; `None` unless it is readable and
/// lies in the years 1970 to 9999.
///
/// `T` or a blank stands between both; seconds, a fraction of any length (after `.` or `,`, cut to
/// milliseconds) and the offset (`Z`, `+08`, `+0800`, `+08:00`; without: UTC) may be left out, and
/// so may the hyphens and colons (`20260130T103000Z`). Second 60 is the next minute's first. The
/// name of a zone behind the offset, as Java writes it (`+08:00[Asia/Shanghai]`), is passed over.
pub fn parse(text: &str) -> Option<i64> {
    let mut rest = Digits(text.trim_ascii().as_bytes());
    let day_ms = i64::from(date(&mut rest)?) * DAY_MS;
    if rest.0.is_empty() {
        return in_range(day_ms);
    }
    if !(rest.skip(b'T') || rest.skip(b't') || rest.skip(b' ')) {
        return None;
    }
    let time_ms = time_of_day(&mut rest)?;
    while rest.skip(b' ') {}
    let offset_ms = offset(&mut rest)?;
    let named_zone = rest.0.first() == Some(&b'[') && rest.0.last() == Some(&b']');
    if !rest.0.is_empty() && !named_zone {
        return None;
    }
    in_range(day_ms + time_ms - offset_ms)
}

/// RFC 3339 UTC with exactly milliseconds, e.g. `2026-01-30T10:30:00.000Z`.
/// A time outside the years 1970 to 9999 is shown as the nearest one inside.
pub fn format(ms: i64) -> String {
    let ms = ms.clamp(0, MS_MAX);
    let day = i32::try_from(ms / DAY_MS).expect("below 9999 there are few days");
    let date = Date::from_julian_day(day + EPOCH_JULIAN_DAY).expect("a day from 1970 to 9999");
    let in_day = u32::try_from(ms % DAY_MS).expect("a day has few milliseconds");
    let seconds = in_day / 1_000;
    let mut out = *b"0000-00-00T00:00:00.000Z";
    put(&mut out[0..4], date.year().unsigned_abs());
    put(&mut out[5..7], u32::from(u8::from(date.month())));
    put(&mut out[8..10], u32::from(date.day()));
    put(&mut out[11..13], seconds / 3_600);
    put(&mut out[14..16], seconds / 60 % 60);
    put(&mut out[17..19], seconds % 60);
    put(&mut out[20..23], in_day % 1_000);
    String::from_utf8_lossy(&out).into_owned()
}

/// As mails have it: `Mon, 24 Nov 2025 16:00:00 +0000`.
pub fn mail(ms: i64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let ms = ms.clamp(0, MS_MAX);
    let text = format(ms);
    let number = |from: usize| text[from..from + 2].parse::<usize>().unwrap_or(1);
    // 1970 began on a Thursday.
    let day = DAYS[usize::try_from(ms / DAY_MS % 7).unwrap_or(0)];
    let month = MONTHS[number(5) - 1];
    format!("{day}, {} {month} {} {} +0000", &text[8..10], &text[..4], &text[11..19])
}

fn in_range(ms: i64) -> Option<i64> {
    (0..=MS_MAX).contains(&ms).then_some(ms)
}

fn put(place: &mut [u8], mut value: u32) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + u8::try_from(value % 10).expect("one digit");
        value /= 10;
    }
}

/// Days since 1970.
fn date(rest: &mut Digits<'_>) -> Option<i32> {
    let year = i32::try_from(rest.number(4)?).ok()?;
    let hyphens = rest.skip(b'-');
    let month = u8::try_from(rest.number(2)?).ok()?;
    if hyphens && !rest.skip(b'-') {
        return None;
    }
    let day = u8::try_from(rest.number(2)?).ok()?;
    let date = Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()?;
    Some(date.to_julian_day() - EPOCH_JULIAN_DAY)
}

fn time_of_day(rest: &mut Digits<'_>) -> Option<i64> {
    let hour = rest.number_below(2, 24)?;
    let colons = rest.skip(b':');
    let minute = rest.number_below(2, 60)?;
    let has_second =
        if colons { rest.skip(b':') } else { rest.0.first().is_some_and(u8::is_ascii_digit) };
    let mut ms = (hour * 60 + minute) * 60 * SECOND_MS;
    if has_second {
        ms += rest.number_below(2, 61)? * SECOND_MS;
        if rest.skip(b'.') || rest.skip(b',') {
            ms += rest.fraction_ms()?;
        }
    }
    Some(ms)
}

/// How far the local time is ahead of UTC; 0 where nothing is said.
fn offset(rest: &mut Digits<'_>) -> Option<i64> {
    let sign = match rest.0.first() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        Some(b'Z' | b'z') => 0,
        _ => return Some(0),
    };
    rest.0 = &rest.0[1..];
    if sign == 0 {
        return Some(0);
    }
    let mut seconds = rest.number_below(2, 24)? * 3_600;
    // Zones of the time before railways have seconds too, and Python writes them.
    for unit in [60, 1] {
        if rest.skip(b':') || rest.0.first().is_some_and(u8::is_ascii_digit) {
            seconds += rest.number_below(2, 60)? * unit;
        } else {
            break;
        }
    }
    Some(sign * seconds * SECOND_MS)
}

/// What is left to read.
struct Digits<'a>(&'a [u8]);

impl Digits<'_> {
    /// Passes over one byte if it is this one.
    fn skip(&mut self, byte: u8) -> bool {
        let found = self.0.first() == Some(&byte);
        if found {
            self.0 = &self.0[1..];
        }
        found
    }

    /// A number of exactly `count` digits.
    fn number(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        digits.iter().try_fold(0, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0'))
        })
    }

    fn number_below(&mut self, count: usize, limit: i64) -> Option<i64> {
        self.number(count).filter(|number| *number < limit)
    }

    /// At least one digit; those after the third are passed over.
    fn fraction_ms(&mut self) -> Option<i64> {
        let length = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at(length);
        self.0 = rest;
        let padded = digits.iter().copied().chain(std::iter::repeat(b'0')).take(3);
        let ms = padded.fold(0, |number, digit| number * 10 + i64::from(digit - b'0'));
        (length > 0).then_some(ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_form_is_read() {
        let table = [
            ("2026-01-30T10:30:00Z", "2026-01-30T10:30:00.000Z"),
            ("2026-01-30T10:30:00", "2026-01-30T10:30:00.000Z"),
            ("2026-01-30 10:30:00", "2026-01-30T10:30:00.000Z"),
            ("2026-01-30t10:30:00z", "2026-01-30T10:30:00.000Z"),
            ("2026-01-30T10:30:00.1Z", "2026-01-30T10:30:00.100Z"),
            ("2026-01-30T10:30:00,25Z", "2026-01-30T10:30:00.250Z"),
            ("2026-01-30T10:30:00.123456789012345678901234567890", "2026-01-30T10:30:00.123Z"),
            ("2026-01-30T10:30:00+08:00", "2026-01-30T02:30:00.000Z"),
            ("2026-01-30T10:30:00.5+0800", "2026-01-30T02:30:00.500Z"),
            ("2026-01-30T10:30:00-08", "2026-01-30T18:30:00.000Z"),
            ("2026-01-30 10:30:00 +0530", "2026-01-30T05:00:00.000Z"),
            ("2026-01-30T10:30:00+00:34:08", "2026-01-30T09:55:52.000Z"),
            ("2026-01-30T10:30", "2026-01-30T10:30:00.000Z"),
            ("2026-01-30T10:30+01:00", "2026-01-30T09:30:00.000Z"),
            ("2026-01-30", "2026-01-30T00:00:00.000Z"),
            ("20260130T103000Z", "2026-01-30T10:30:00.000Z"),
            ("2026-01-30T10:30:00+08:00[Asia/Shanghai]", "2026-01-30T02:30:00.000Z"),
            (" 2026-01-30T10:30:00Z\n", "2026-01-30T10:30:00.000Z"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
            ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"),
            ("1970-01-01", "1970-01-01T00:00:00.000Z"),
            ("1969-12-31T23:00:00-02:00", "1970-01-01T01:00:00.000Z"),
            ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
        ];
        for (text, expected) in table {
            assert_eq!(parse(text).map(format).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        let table = [
            "",
            "yesterday",
            "1769769000",
            "2026",
            "2026-13-01",
            "2026-02-29",
            "2026-01-30T",
            "2026-01-30T10",
            "2026-01-30T24:00:00",
            "2026-01-30T10:60:00",
            "2026-01-30T10:30:61",
            "2026-01-30T10:30:00.Z",
            "2026-01-30T10:30:00+25:00",
            "2026-01-30T10:30:00+",
            "2026-01-30T10:30:00Zulu",
            "2026-0130",
            "1969-12-31T23:59:59Z",
            "9999-12-31T23:59:59-01:00",
            "２０２６-01-30",
        ];
        for text in table {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_outside_the_range_is_shown_as_its_nearest_end() {
        assert_eq!(format(-1), "1970-01-01T00:00:00.000Z");
        assert_eq!(format(i64::MAX), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn every_day_of_a_century_goes_there_and_back() {
        for day in 0..36_525 {
            let ms = day * DAY_MS + 12_345_678;
            assert_eq!(parse(&format(ms)), Some(ms));
        }
    }
}
