//! Queries of the search language, and what the store finds by them.
//!
//! Held: a query is read or refused with a place inside it; written out it reads as the same; the
//! store answers every query that was read, with the issues and events that a plain reading of its
//! terms picks.

#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use log_center::domain::search::{self, QUERY_CHARS_MAX, QUERY_TERMS_MAX, Query, Scope};
use log_center_fuzz::model::Store;
use log_center_fuzz::written;

thread_local! {
    static STORE: RefCell<Store> = RefCell::new(Store::new());
}

fuzz_target!(|text: &str| {
    let of_issues = search::parse(text, Scope::Issues);
    let of_events = search::parse(text, Scope::Events);
    for fault in [&of_issues, &of_events].into_iter().filter_map(|one| one.as_ref().err()) {
        let chars = text.chars().count();
        assert!(fault.position <= chars, "{} of {chars}", fault.position);
        let said = fault.message.chars().count();
        assert!((1..=250).contains(&said), "{}", fault.message);
    }
    if let Ok(query) = &of_issues {
        assert_eq!(of_events.as_ref(), Ok(query), "events know all that issues know");
    }
    if let Ok(query) = &of_events {
        assert!(query.terms.len() <= QUERY_TERMS_MAX);
        check_written(query);
    }
    STORE.with_borrow_mut(|store| {
        if let Ok(query) = &of_issues {
            store.check_issues(query);
        }
        if let Ok(query) = &of_events {
            store.check_events(query);
        }
    });
});

fn check_written(query: &Query) {
    let text = written::query(query);
    if text.chars().count() > QUERY_CHARS_MAX {
        return;
    }
    assert_eq!(search::parse(&text, Scope::Events).as_ref(), Ok(query), "written as {text}");
}
