//! Counts over time.

use super::error::Error;
use super::exchange::{self, Request, Response};
use super::permissions::within;
use super::query::Query;
use crate::app::App;
use crate::domain::query::{Interval, StatsBy, StatsQuery, TZ_OFFSET_MINUTES_MAX};
use crate::store::engine::Engine;
use crate::store::stats;

/// `GET /api/v1/stats`.
pub(super) async fn series(app: &App, request: Request) -> Result<Response, Error> {
    let mut query = read_query(request.query())?;
    let asked = std::mem::take(&mut query.project_ids);
    query.project_ids = within(&request.caller().reach(), asked);
    let (since, until) = query.bounds(app.now())?;
    // The hours of projects are written with every report, the status needs those of issues.
    let needs_issues = query.by == Some(StatsBy::Status);
    let read = move |db: &mut dyn Engine| stats::read(db, &query, since, until);
    let stats = if needs_issues { app.read(read).await } else { app.read_events(read).await }?;
    Ok(exchange::json_ok(&stats))
}

/// Reads the query of a series.
fn read_query(text: &str) -> Result<StatsQuery, Error> {
    let mut query = Query::parse(text);
    let offset_range = -TZ_OFFSET_MINUTES_MAX..=TZ_OFFSET_MINUTES_MAX;
    let by = "status, level, project, environment or version";
    let wanted = StatsQuery {
        project_ids: query.texts("project_id"),
        environments: query.texts("environment"),
        span: query.span(),
        interval: query
            .choice("interval", "hour or day", |name| {
                Interval::ALL.into_iter().find(|interval| interval.name() == name)
            })
            .unwrap_or_default(),
        by: query.choice("by", by, |name| StatsBy::ALL.into_iter().find(|by| by.name() == name)),
        tz_offset_minutes: query.integer("tz_offset_minutes", offset_range).unwrap_or(0),
    };
    query.finish()?;
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_is_read_whole() {
        let text = "project_id=p&environment=e&since=2026-01-01&interval=day&by=level\
            &tz_offset_minutes=-480";
        let query = read_query(text).expect("valid");
        assert_eq!(query.interval, Interval::Day);
        assert_eq!(query.by, Some(StatsBy::Level));
        assert_eq!(query.tz_offset_minutes, -480);
        assert_eq!(read_query("").expect("all"), StatsQuery::default());
        for text in ["by=user", "interval=week", "tz_offset_minutes=841", "limit=1"] {
            assert_eq!(read_query(text).expect_err(text).status(), 400);
        }
    }
}
