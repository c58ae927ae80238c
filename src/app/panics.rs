//! The program's own defects: a panic is logged, counted, and reported to a project of its own,
//! like the errors of any other program. One that kept the writer from storing it waits in a file
//! beside the database for the next start.

use std::backtrace::Backtrace;
use std::cell::Cell;
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::Write;
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use super::App;
use crate::domain::uuid;

/// The project that holds the program's own defects.
pub const PROJECT: &str = "log-center";
/// Where reports wait that could not be stored, one a line.
pub const WAITING_NAME: &str = "panic.json";
/// How large that file may become; what comes then is in the log alone.
const WAITING_MAX: u64 = 256 << 10;
/// Reports on their way at once; what comes on top of them is in the log alone.
const REPORTS_MAX: usize = 8;

/// Held by who changes that file.
static WAITING: Mutex<()> = Mutex::new(());

thread_local! {
    /// Whether this thread is reporting: a panic of that is only logged.
    static REPORTING: Cell<bool> = const { Cell::new(false) };
}

/// From here on every panic of any thread is logged and reported. First stores what an earlier run
/// left in the data folder. Call it inside the runtime.
pub fn report(app: &Arc<App>, folder: &Path) {
    let waiting = folder.join(WAITING_NAME);
    let (runtime, permits) = (Handle::current(), Arc::new(Semaphore::new(REPORTS_MAX)));
    runtime.spawn(store_waiting(Arc::clone(app), waiting.clone()));
    let app = Arc::clone(app);
    std::panic::set_hook(Box::new(move |panic| {
        app.metrics.panics.add(1);
        let body = describe(panic);
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panic: {}", message(panic));
        if REPORTING.get() {
            return;
        }
        // The writer cannot store its own end.
        if std::thread::current().name() == Some("writer") {
            return keep(&waiting, &body);
        }
        let Ok(permit) = Arc::clone(&permits).try_acquire_owned() else { return };
        let (app, waiting) = (Arc::clone(&app), waiting.clone());
        runtime.spawn(async move {
            if !store(&app, &body).await {
                keep(&waiting, &body);
            }
            drop(permit);
        });
    }));
}

async fn store_waiting(app: Arc<App>, waiting: PathBuf) {
    let Ok(bodies) = std::fs::read(&waiting) else { return };
    let mut left = Vec::new();
    for body in bodies.split(|&byte| byte == b'\n') {
        // What cannot be read is no use at the next start either.
        let Ok(report) = serde_json::from_slice(body) else { continue };
        if !store(&app, &report).await {
            left.extend([b"\n", body].concat());
        }
    }
    let _kept = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    // What came meanwhile stands behind.
    let now = std::fs::read(&waiting).unwrap_or_default();
    left.extend(now.get(bodies.len()..).unwrap_or_default());
    let outcome = match left.is_empty() {
        true => std::fs::remove_file(&waiting),
        false => std::fs::write(&waiting, left),
    };
    if let Err(error) = outcome {
        // Their `event_id`s keep them from being counted twice.
        tracing::warn!(%error, "reports of panics are kept though they are stored");
    }
}

/// Stores a report by the way of all reports; whether it is stored.
async fn store(app: &App, body: &Value) -> bool {
    REPORTING.set(true);
    let intake = app.intake();
    let prepared = intake.report(body.to_string().as_bytes()).map(|report| app.prepare(report));
    REPORTING.set(false);
    let Ok(prepared) = prepared else { return true };
    app.ingest.report(prepared).await.is_ok()
}

/// Leaves a report for the next start, behind those that wait already.
fn keep(waiting: &Path, body: &Value) {
    let _kept = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = File::options().append(true).create(true).open(waiting).and_then(|mut file| {
        if file.metadata()?.len() > WAITING_MAX {
            return Ok(());
        }
        // Before it, since a line that was cut short spoils what is behind it.
        file.write_all(format!("\n{body}").as_bytes())
    });
    if let Err(error) = kept {
        tracing::error!(%error, "the report of a panic could not be kept");
    }
}

fn message<'a>(panic: &'a PanicHookInfo<'_>) -> &'a str {
    let payload = panic.payload();
    let owned = payload.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("of unknown reason")
}

/// Keeps a report that waited from being counted twice.
fn event_id() -> String {
    let random = RandomState::new();
    let halves = [random.hash_one(0), random.hash_one(1)].map(u64::to_le_bytes);
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&halves[0]);
    bytes[8..].copy_from_slice(&halves[1]);
    uuid::format(&bytes)
}

/// A report in the contract's format.
fn describe(panic: &PanicHookInfo<'_>) -> Value {
    let thread = std::thread::current();
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let mut stack = Backtrace::force_capture().to_string();
    if !stack.contains("log_center::") {
        // The names of functions were stripped from the file.
        stack = format!("{}\n    at {place}", message(panic));
    }
    json!({
        "project_id": PROJECT,
        "environment": "production",
        "level": "CRITICAL",
        "version": env!("CARGO_PKG_VERSION"),
        "event_id": event_id(),
        "error": {
            "type": "panic",
            "message": message(panic),
            "file_path": panic.location().map_or("unknown", |place| place.file()),
            "line_number": panic.location().map_or(0, |place| place.line()),
            "stack_trace": stack.lines().collect::<Vec<_>>(),
        },
        "context": { "thread": thread.name() },
    })
}
