//! The language by example: each operator, and the place of each fault.

use super::*;

fn read(q: &str) -> Vec<Term> {
    parse(q, Scope::Events).unwrap_or_else(|fault| panic!("{q}: {fault:?}")).terms
}

/// The one test of a query that has one, not negated.
fn test(q: &str) -> Test {
    let [term] = <[Term; 1]>::try_from(read(q)).expect(q);
    assert!(!term.negated, "{q}");
    term.test
}

/// The words of a query that is nothing but words, and whether each is negated.
fn words(q: &str) -> Vec<(bool, String)> {
    let word = |term: Term| match term.test {
        Test::Word(text) => (term.negated, text),
        other => panic!("{q}: {other:?}"),
    };
    read(q).into_iter().map(word).collect()
}

fn exact(values: &[&str]) -> Vec<Pattern> {
    values.iter().map(|value| Pattern::Exact((*value).to_owned())).collect()
}

fn wild(parts: &[&str]) -> Pattern {
    Pattern::Wild(parts.iter().map(|part| (*part).to_owned()).collect())
}

#[test]
fn what_is_no_key_is_words_to_the_letter() {
    let table: [(&str, &[&str]); 18] = [
        ("", &[]),
        (" \t\u{3000}", &[]),
        ("timeout", &["timeout"]),
        ("TypeError: x is undefined", &["TypeError:", "x", "is", "undefined"]),
        ("type: x", &["type:", "x"]),
        ("type:", &["type:"]),
        ("foo:bar http://x", &["foo:bar", "http://x"]),
        ("Type:x", &["Type:x"]),
        ("context:x context.:x context..a:x", &["context:x", "context.:x", "context..a:x"]),
        ("- ! -5 !x --type:a", &["-", "!", "-5", "!x", "--type:a"]),
        ("a*b C:\\new\\x", &["a*b", "C:\\new\\x"]),
        ("KeyError('user') id=\"a b\"", &["KeyError('user')", "id=\"a", "b\""]),
        ("\\\"quoted\\\"", &["\"quoted\""]),
        ("\"a phrase\" \"\" next", &["a phrase", "next"]),
        ("\"say \\\"hi\\\" \\\\ C:\\x\"", &["say \"hi\" \\ C:\\x"]),
        ("\"a\"b", &["a", "b"]),
        ("数据库\u{3000}连接", &["数据库", "连接"]),
        ("\"status:NEW\"", &["status:NEW"]),
    ];
    for (q, expected) in table {
        let expected: Vec<_> = expected.iter().map(|word| (false, (*word).to_owned())).collect();
        assert_eq!(words(q), expected, "{q}");
    }
}

#[test]
fn a_quoted_word_can_be_excluded() {
    let expected = vec![(true, "a b".to_owned()), (true, "x".to_owned())];
    assert_eq!(words("!\"a b\" -\"x\""), expected);
}

#[test]
fn each_key_takes_values() {
    let table: [(&str, Key, Vec<Pattern>); 22] = [
        ("status:new", Key::Status, exact(&["NEW"])),
        ("status:NEW,Pending_Fix", Key::Status, exact(&["NEW", "PENDING_FIX"])),
        ("status:fix*", Key::Status, exact(&["FIXING", "FIXED", "FIX_FAILED"])),
        ("level:warn,fatal", Key::Level, exact(&["WARNING", "CRITICAL"])),
        ("level:Error", Key::Level, exact(&["ERROR"])),
        ("project:rtc_backend", Key::Project, exact(&["rtc_backend"])),
        ("env:production", Key::Env, exact(&["production"])),
        ("environment:a,b", Key::Env, exact(&["a", "b"])),
        ("type:ValueError", Key::Type, exact(&["ValueError"])),
        ("type:\"Value Error\"", Key::Type, exact(&["Value Error"])),
        ("type:\"a,b\",c", Key::Type, exact(&["a,b", "c"])),
        ("type:a,,b,", Key::Type, exact(&["a", "b"])),
        ("type:*Error", Key::Type, vec![wild(&["", "Error"])]),
        ("type:\"A *\"", Key::Type, vec![wild(&["A ", ""])]),
        ("code:a\\*b\\,c\\\"", Key::Code, exact(&["a*b,c\""])),
        ("code:\"\"", Key::Code, exact(&[""])),
        ("file:C:\\app\\x.cs", Key::File, exact(&["C:\\app\\x.cs"])),
        ("user:u_1", Key::User, exact(&["u_1"])),
        ("request:r", Key::Request, exact(&["r"])),
        ("trace:t", Key::Trace, exact(&["t"])),
        ("fingerprint:0123456789AB", Key::Fingerprint, exact(&["0123456789ab"])),
        ("fingerprint:AB*", Key::Fingerprint, vec![wild(&["ab", ""])]),
    ];
    for (q, key, patterns) in table {
        assert_eq!(test(q), Test::Key { key, patterns }, "{q}");
    }
    for (q, expected) in [("assignee:zhang", Key::Assignee), ("release:1.2.3", Key::Version)] {
        assert!(matches!(test(q), Test::Key { key, .. } if key == expected), "{q}");
    }
}

#[test]
fn numbers_and_times_are_compared() {
    let (less, greater) = (Comparison::Less, Comparison::Greater);
    let new_year = 1_767_225_600_000;
    let table = [
        ("count:>100", Test::Count(greater, 100)),
        ("count:>=100", Test::Count(Comparison::GreaterOrEqual, 100)),
        ("count:<=1", Test::Count(Comparison::LessOrEqual, 1)),
        ("count:1", Test::Count(Comparison::Equal, 1)),
        ("count:=1", Test::Count(Comparison::Equal, 1)),
        ("users:<10", Test::Users(less, 10)),
        ("seen:<1h", Test::Seen(less, When::Ago(3_600_000))),
        ("seen:>2d", Test::Seen(greater, When::Ago(172_800_000))),
        ("first:<24h", Test::First(less, When::Ago(86_400_000))),
        ("first:>2026-01-01", Test::First(greater, When::At(new_year))),
        ("first:<=2026-01-01T08:00:00+08:00", {
            Test::First(Comparison::LessOrEqual, When::At(new_year))
        }),
        ("first:>\"2026-01-01 00:00\"", Test::First(greater, When::At(new_year))),
    ];
    for (q, expected) in table {
        assert_eq!(test(q), expected, "{q}");
    }
}

#[test]
fn flags_are_four() {
    for (flag, name) in Flag::ALL {
        assert_eq!(test(&format!("is:{name}")), Test::Is(flag));
    }
    assert_eq!(test("is:MUTED"), Test::Is(Flag::Muted));
}

#[test]
fn the_context_is_searched_by_path() {
    let path = vec!["request".to_owned(), "ip".to_owned()];
    let patterns = vec![wild(&["10.", ""])];
    assert_eq!(test("context.request.ip:10.*"), Test::Context { path, patterns });
}

#[test]
fn both_signs_negate_a_key() {
    for q in ["!status:NEW", "-status:NEW", "!is:muted", "-count:>3"] {
        let terms = read(q);
        assert!(terms.len() == 1 && terms[0].negated, "{q}");
    }
    assert_eq!(read("-type:A timeout !is:muted level:error").len(), 4);
}

#[test]
fn each_fault_has_its_place() {
    let table = [
        ("x \"open", 2, "this quote has no second one; write \\\" for a quote in a text"),
        ("type:\"open", 5, "this quote has no second one; write \\\" for a quote in a text"),
        ("type:\"a\"b", 8, "expected a blank or a comma after the quote"),
        ("type:,", 5, "expected a value"),
        ("count:abc", 6, "expected a whole number such as >100, got \"abc\""),
        ("count:>-1", 7, "expected a whole number such as >100, got \"-1\""),
        ("count:99999999999999999999", 6, "got \"99999999999999999999\""),
        ("错误 status:FOO", 10, "got \"FOO\""),
        ("!status:NEW,FOO", 12, "expected one of NEW, VERIFYING, PENDING_FIX, FIXING"),
        ("status:zz*", 7, "got \"zz*\""),
        ("level:loud", 6, "expected one of DEBUG, INFO, WARNING, ERROR, CRITICAL, got \"loud\""),
        ("is:purple", 3, "expected regressed, muted, mine or rising, got \"purple\""),
        ("is:muted,mine", 3, "got \"muted,mine\""),
        ("fingerprint:0123456789a", 12, "expected 12 to 32 hex digits, got \"0123456789a\""),
        ("fingerprint:0123456789ag", 12, "12 to 32 hex digits"),
        ("fingerprint:xyz*", 12, "12 to 32 hex digits"),
        ("seen:1h", 5, "expected < or > before the time"),
        ("seen:=1h", 5, "expected < or > before the time"),
        ("seen:<soon", 6, "expected a time such as <1h, >2d or >2026-01-01, got \"soon\""),
        ("first:>2026-13-01", 7, "got \"2026-13-01\""),
    ];
    for (q, position, part) in table {
        let fault = parse(q, Scope::Events).expect_err(q);
        assert_eq!(fault.position, position, "{q}: {fault:?}");
        assert!(fault.message.contains(part), "{q}: {fault:?}");
    }
}

#[test]
fn issues_say_where_the_context_is_searched() {
    let fault = parse("x -context.a:1", Scope::Issues).expect_err("of issues");
    assert_eq!(fault.position, 3);
    assert!(fault.message.contains("/events"), "{fault:?}");
}

#[test]
fn a_query_has_limits() {
    assert!(parse(&"词".repeat(1_000), Scope::Issues).is_ok());
    let fault = parse(&"词".repeat(1_001), Scope::Issues).expect_err("too long");
    assert_eq!((fault.position, fault.message.as_str()), {
        (1_000, "a query has at most 1,000 characters")
    });
    assert_eq!(read(&"a ".repeat(50)).len(), 50);
    let fault = parse(&"a ".repeat(51), Scope::Issues).expect_err("too many");
    assert_eq!((fault.position, fault.message.as_str()), (100, "a query has at most 50 terms"));
}

#[test]
fn a_long_value_is_shown_short() {
    let fault = parse(&format!("is:{}", "é".repeat(90)), Scope::Issues).expect_err("no flag");
    assert!(fault.message.ends_with(&format!("got \"{}…\"", "é".repeat(40))), "{fault:?}");
}
