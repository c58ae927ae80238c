//! How the program is doing, in one document: what it stores, what waits, what was turned away, cut
//! or removed, and which limits hold. It can be read while nothing can be written.

use std::time::Duration;

use serde_json::{Value, json};

use super::error::Error;
use super::exchange::{self, BATCH_BYTES_MAX, REPORT_BYTES_MAX, Request, Response};
use crate::app::{App, Failure};
use crate::domain::timestamp;
use crate::domain::trust::reach::Reach;
use crate::intake::BATCH_REPORTS_MAX;
use crate::metrics::{Metrics, SLOW_READ, SlowRead};
use crate::store::removed::{self, Removed};

/// `GET /api/v1/system`.
pub(super) async fn show(app: &App, request: Request) -> Result<Response, Error> {
    // A database that cannot be read is no reason to hide all else.
    let sums = app.read(removed::find).await.ok();
    let document = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "started_at": timestamp::format(app.started_at),
        "at": timestamp::format(app.now()),
        "storing": storing(app),
        "last_error": last_error(&app.metrics),
        "queue": queue(&app.metrics),
        "connections": {
            "open": app.metrics.connections.value(),
            "open_max": app.config.max_connections,
            "listeners": app.metrics.stream_listeners.value(),
        },
        "file": {
            "bytes": app.metrics.file_bytes.value(),
            "bytes_max": app.metrics.file_bytes_max.value(),
            "wal_bytes": app.metrics.wal_bytes.value(),
        },
        "disk": {
            "free_bytes": app.metrics.disk_free_bytes.value(),
            "floor_bytes": app.metrics.disk_floor_bytes.value(),
        },
        "reports": {
            "stored": app.metrics.reports_accepted.value(),
            "duplicate": app.metrics.reports_duplicate.value(),
            "trimmed": app.metrics.reports_trimmed.value(),
            "adjusted": app.metrics.reports_adjusted.value(),
        },
        "slow_reads": {
            "from_ms": millis(SLOW_READ),
            "items": app.metrics.slow_reads.all(app.now()).iter().map(slow).collect::<Vec<_>>(),
        },
        "refused": refused(&app.metrics, &request.caller().reach()),
        "removed": {
            "since_start": removed(since_start(&app.metrics)),
            "ever": sums.map(|(sums, _)| removed(sums)),
            "for_size_at": sums.and_then(|(_, at)| at).map(timestamp::format),
        },
        "keep": {
            "retention_days": app.config.retention_days,
            "events_per_issue": app.config.events_per_issue,
        },
        "limits": limits(app),
        "certificate": app.certificate_shown().map(|shown| json!({
            "expires_at": shown.expires_at.map(timestamp::format),
            "renews_at": shown.renews_at.map(timestamp::format),
            "trouble": shown.trouble,
        })),
    });
    Ok(exchange::json_ok(&document))
}

/// Whether reports are stored and why not, in the words of `/readyz`.
fn storing(app: &App) -> Value {
    let why = app.ingest.trouble().map(|refused| Error::from(Failure::Refused(refused)));
    json!({
        "ok": why.is_none(),
        "reason": why.as_ref().and_then(Error::reason).map(|reason| reason.name()),
        "message": why.as_ref().map(Error::message),
    })
}

fn last_error(metrics: &Metrics) -> Option<Value> {
    let mishap = metrics.mishaps.last()?;
    Some(json!({
        "at": timestamp::format(mishap.at),
        "kind": mishap.kind,
        "request_id": mishap.request_id,
    }))
}

fn queue(metrics: &Metrics) -> Value {
    json!({
        "reports": metrics.queue_reports.value(),
        "reports_max": metrics.queue_reports_max.value(),
        "bytes": metrics.queue_bytes.value(),
        "bytes_max": metrics.queue_bytes_max.value(),
    })
}

fn refused(metrics: &Metrics, reach: &Reach) -> Value {
    let by_code = metrics.refused().filter(|(_, count)| *count > 0);
    let by_code = by_code.map(|(code, count)| json!({"code": code, "count": count}));
    let by_reason = metrics.refusals.all().map(|one| {
        json!({
            "reason": one.reason.name(),
            "count": one.count,
            "last_at": timestamp::format(one.last_at),
        })
    });
    let by_project = metrics.refusals.by_project().into_iter();
    let by_project = by_project.filter(|(name, _)| reach.has(name));
    let by_project = by_project.map(|(name, count)| json!({"project_id": name, "count": count}));
    json!({
        "by_code": by_code.collect::<Vec<_>>(),
        "by_reason": by_reason.collect::<Vec<_>>(),
        "by_project": by_project.collect::<Vec<_>>(),
    })
}

fn slow(read: &SlowRead) -> Value {
    json!({
        "path": read.path,
        "asked": read.asked,
        "at": timestamp::format(read.at),
        "took_ms": millis(read.took),
        "status": read.status,
        "bytes": read.bytes,
    })
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn since_start(metrics: &Metrics) -> Removed {
    Removed {
        events_by_age: metrics.events_removed_by_age.value(),
        events_by_number: metrics.events_removed_by_number.value(),
        events_by_size: metrics.events_removed_by_size.value(),
        issues_by_size: metrics.issues_removed_by_size.value(),
    }
}

fn removed(sums: Removed) -> Value {
    json!({
        "events_by_age": sums.events_by_age,
        "events_by_number": sums.events_by_number,
        "events_by_size": sums.events_by_size,
        "issues_by_size": sums.issues_by_size,
    })
}

/// What is `null` is off.
fn limits(app: &App) -> Value {
    let config = &app.config;
    json!({
        "rate_per_address": config.address_rate().map(|limit| limit.most),
        "rate_per_project": config.project_rate(),
        "rate_per_key": config.key_rate(),
        "connections_per_address": config.address_connections().map(|limit| limit.most),
        "header_timeout_s": config.door.header_timeout,
        "body_timeout_s": config.door.body_timeout,
        "report_bytes_max": REPORT_BYTES_MAX,
        "batch_bytes_max": BATCH_BYTES_MAX,
        "batch_reports_max": BATCH_REPORTS_MAX,
    })
}
