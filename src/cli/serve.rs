//! `log-center serve`: opens the store, wires the parts, serves until told to stop.

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;

use super::code_pages;
use super::settings;
use crate::app::acme::Keeper;
use crate::app::trust::known::Known;
use crate::app::trust::provider::Provider;
use crate::app::trust::secret;
use crate::app::{self, App, panics, source};
use crate::config::{Config, LogFormat, LogLevel};
use crate::http::server::Server;
use crate::http::tls::{Certificate, keep_up};
use crate::http::{JOIN, configured, listen};
use crate::ingest::{self, Ingest, Limits};
use crate::jobs::backup::{Backups, Plan};
use crate::jobs::{self, Chores, Keep};
use crate::live::Live;
use crate::metrics::Metrics;
use crate::store::{self, Place};

/// Threads that speak HTTP. The writer is the bound; more only take its processor time.
const HTTP_THREADS: usize = 2;
/// The file at most, unless the operator or half of the free disk says less: 10 GiB.
const FILE_BYTES_DEFAULT: u64 = 10 * 1_024 * 1_024 * 1_024;

/// Serves until SIGTERM or Ctrl-C. The error is one sentence.
pub(super) fn run(config: Config) -> Result<(), String> {
    run_beside(config, |_| std::future::ready(()))
}

/// As [`run`], and runs something beside the server as long as it takes requests.
pub(super) fn run_beside<Beside>(
    config: Config,
    beside: impl FnOnce(Arc<App>) -> Beside,
) -> Result<(), String>
where
    Beside: Future<Output = ()> + Send + 'static,
{
    start_logging(&config);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(HTTP_THREADS)
        .max_blocking_threads(16)
        .enable_all()
        .build()
        .map_err(|error| format!("The system gives no threads: {error}."))?;
    runtime.block_on(serve(config, beside))
}

async fn serve<Beside>(
    config: Config,
    beside: impl FnOnce(Arc<App>) -> Beside,
) -> Result<(), String>
where
    Beside: Future<Output = ()> + Send + 'static,
{
    let config = config.named();
    source::check(&config)?;
    let folder = config.data_dir()?;
    let file = config.config.as_deref().map(settings::read).transpose()?;
    let mut signals = Signals::new()?;
    let signals_to_read =
        config.config.is_some().then(|| listened(SignalKind::hangup())).transpose()?;
    let certificate = Certificate::open(&config.tls)?;
    let keeper = Keeper::open(&config.tls.acme, &folder)?;
    let provider = Provider::open(&config)?;
    // Before the database: a second start must not touch it.
    let listeners = listen::bind(&config).await.map_err(|error| error.to_string())?;
    let mut parts = Parts::start(&config, &folder)?;
    let known = std::mem::take(&mut parts.known);
    let link = parts.first_link.clone();
    let ready = ready(&config, &listeners, &folder, link.as_deref());
    let (metrics, backups) = (Arc::clone(&parts.metrics), Arc::clone(&parts.backups));
    let (ingest, live) = (parts.ingest.clone(), Arc::clone(&parts.live));
    let app =
        Arc::new(App::new(config, metrics, ingest, live.clone(), backups, Place::of(&folder)));
    panics::report(&app, &folder);
    app.trust.begin(known);
    app.trust.believe(provider);
    if let Some(file) = &file
        && let Err(why) = configured::apply(&app, file).await
    {
        parts.stop()?;
        return Err(why);
    }
    if let Some(link) = &link {
        app.trust.invite_first(link);
    }
    // Whoever started it may have closed its output: that is no reason to end.
    let _unread = std::io::stdout().write_all(ready.as_bytes());
    let (broken, telling) = (Arc::clone(&parts.broken), live.clone());
    tokio::spawn(async move { telling.run().await });
    let tending = Arc::clone(&app);
    let tending = tokio::spawn(async move {
        let reading = read_again(&tending, signals_to_read);
        tokio::join!(tending.note_uses(), tending.grant_wishes(&folder), reading);
    });
    let following = tokio::spawn(keep_up(Arc::clone(&app), certificate.clone(), keeper));
    let (notifier, stopping) = (Arc::clone(&app.notifier), Arc::clone(&app.notifier));
    let stopped = async {
        tokio::select! {
            () = signals.told_to_stop() => {}
            () = broken.notified() => {}
        }
        // They would never finish by themselves.
        live.end();
        stopping.stop();
    };
    let beside = tokio::spawn(beside(Arc::clone(&app)));
    let notifying = tokio::spawn(notifier.run());
    code_pages::give_back();
    let left = listen::serve(listeners, Server::new(app, certificate), stopped).await;
    [beside, tending, following].iter().for_each(tokio::task::JoinHandle::abort);
    let _ended = notifying.await;
    if left > 0 {
        tracing::warn!(left, "connections did not finish in time");
    }
    parts.stop()
}

/// The threads behind the server.
struct Parts {
    ingest: Ingest,
    live: Arc<Live>,
    metrics: Arc<Metrics>,
    backups: Arc<Backups>,
    writer: JoinHandle<()>,
    checkpoints: JoinHandle<()>,
    stop_checkpoints: Arc<AtomicBool>,
    broken: Arc<Notify>,
    why_broken: Arc<OnceLock<&'static str>>,
    /// The secret by which the first administrator comes, where there is none and one is needed.
    first_link: Option<String>,
    /// Everybody who is known at the start.
    known: Known,
}

impl Parts {
    fn start(config: &Config, folder: &Path) -> Result<Self, String> {
        let mut writer = store::open(folder, i64::from(config.events_per_issue))?;
        let known = Known::read(&mut writer.db, &Known::default(), app::now())
            .map_err(|error| format!("The database cannot be read: {error}."))?;
        let first_link = first_link(config, &known)?;
        let metrics = Arc::new(Metrics::default());
        let live = Live::new(app::now(), Arc::clone(&metrics));
        let file_full = Arc::new(AtomicBool::new(false));
        let keep = Keep {
            days: i64::from(config.retention_days),
            events_per_issue: i64::from(config.events_per_issue),
            bytes: file_bytes_max(config, folder),
        };
        metrics.file_bytes_max.set(keep.bytes.cast_unsigned());
        let (counted, full) = (Arc::clone(&metrics), Arc::clone(&file_full));
        let backups = Backups::new(backup_plan(config, folder), app::now, Arc::clone(&metrics));
        let mut chores =
            Chores::new(keep, app::now, counted, full).with_backups(Arc::clone(&backups));
        let moving = chores.moving();
        let (broken, why_broken) = (Arc::new(Notify::new()), Arc::new(OnceLock::new()));
        let (tell, mark) = (Arc::clone(&broken), Arc::clone(&why_broken));
        let confirm = writer.confirm_apart();
        let confirm = confirm.map_err(|error| format!("The database cannot be used: {error}."))?;
        let (ingest, writer) = ingest::start(ingest::Start {
            writer,
            confirm,
            folder: folder.to_owned(),
            limits: Limits {
                reports: usize::try_from(config.queue_reports).unwrap_or(usize::MAX),
                bytes: usize::try_from(config.queue_bytes.0).unwrap_or(usize::MAX),
            },
            metrics: Arc::clone(&metrics),
            live: Arc::clone(&live),
            file_full,
            chore: Box::new(move |writer, quiet| chores.step(writer, quiet)),
            on_broken: Arc::new(move |why| {
                mark.get_or_init(|| why);
                tell.notify_one();
            }),
        });
        let (place, stop_checkpoints) = (Place::of(folder), Arc::new(AtomicBool::new(false)));
        let (stop, told) = (Arc::clone(&stop_checkpoints), ingest.clone());
        let measured = Arc::clone(&metrics);
        let checkpoints = std::thread::Builder::new()
            .name("checkpoints".into())
            .spawn(move || jobs::checkpoints(&place, &measured, &stop, &told, &moving))
            .map_err(|error| format!("The system gives no threads: {error}."))?;
        Ok(Self {
            ingest,
            live,
            metrics,
            backups,
            writer,
            checkpoints,
            stop_checkpoints,
            broken,
            why_broken,
            first_link,
            known,
        })
    }

    /// Writes what was accepted, and ends the threads.
    fn stop(self) -> Result<(), String> {
        self.stop_checkpoints.store(true, Ordering::Relaxed);
        self.checkpoints.thread().unpark();
        let _ended = self.checkpoints.join();
        self.ingest.stop();
        let ended = self.writer.join();
        if let Some(why) = self.why_broken.get() {
            return Err((*why).to_owned());
        }
        ended.map_err(|_| "The writing thread failed; the log says why.".into())
    }
}

/// Refuses to start where everybody could come in and nobody could log in; with `--setup-link` the
/// first one can.
fn first_link(config: &Config, known: &Known) -> Result<Option<String>, String> {
    if config.is_open() || config.insecure_open || known.has_administrator {
        return Ok(None);
    }
    if config.trust.setup_link {
        return secret::fresh().map(Some).map_err(|error| format!("No link: {error}."));
    }
    Err("It would be open to everybody who reaches it: there is no administrator yet. Make one \
         with log-center admin create, or add --setup-link to do it in a browser. Or listen on \
         127.0.0.1 or localhost, or, in a network that you trust, add --insecure-open."
        .into())
}

fn backup_plan(config: &Config, data: &Path) -> Plan {
    Plan {
        folder: config.backup_dir(data),
        data: data.to_owned(),
        every_hours: config.backup.backup_every.0.map(i64::from),
        keep: usize::try_from(config.backup.backup_keep).unwrap_or(usize::MAX),
    }
}

/// 10 GiB or half of what is free beside the file, whichever is less; but what is there already
/// stays: a disk that another program filled is no reason to remove anything.
fn file_bytes_max(config: &Config, folder: &Path) -> i64 {
    let bytes = config.max_file_size.map_or_else(
        || {
            let present = std::fs::metadata(Place::of(folder).path()).map_or(0, |file| file.len());
            let free = ingest::free_bytes(folder).unwrap_or(u64::MAX);
            FILE_BYTES_DEFAULT.min((present.saturating_add(free) / 2).max(present))
        },
        |size| size.0,
    );
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// The signals that end the program in order.
struct Signals {
    term: Signal,
    interrupt: Signal,
}

impl Signals {
    /// From here on a signal is noted instead of ending the program at once.
    fn new() -> Result<Self, String> {
        let (term, interrupt) =
            (listened(SignalKind::terminate())?, listened(SignalKind::interrupt())?);
        Ok(Self { term, interrupt })
    }

    async fn told_to_stop(&mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        tracing::info!("stopping: what was accepted is finished first");
    }
}

fn listened(kind: SignalKind) -> Result<Signal, String> {
    signal(kind).map_err(|error| format!("No signals: {error}."))
}

/// Reads the configuration file again at each SIGHUP. One that cannot be used changes nothing: what
/// the last one said goes on.
async fn read_again(app: &App, signals: Option<Signal>) {
    let (Some(mut signals), Some(path)) = (signals, &app.config.config) else { return };
    while signals.recv().await.is_some() {
        let applied = match settings::read(path) {
            Ok(file) => configured::apply(app, &file).await,
            Err(why) => Err(why),
        };
        match applied {
            Ok(()) => tracing::info!("the configuration file was read again"),
            Err(why) => tracing::error!("{why} What it said before goes on."),
        }
    }
}

fn start_logging(config: &Config) {
    let level = match config.log_level {
        LogLevel::Error => tracing::Level::ERROR,
        LogLevel::Warn => tracing::Level::WARN,
        LogLevel::Info => tracing::Level::INFO,
        LogLevel::Debug => tracing::Level::DEBUG,
        LogLevel::Trace => tracing::Level::TRACE,
    };
    let lines = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_target(false)
        .with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Text => lines.with_ansi(false).init(),
        LogFormat::Json => lines.json().init(),
    }
}

/// Where it is and how to try it.
fn ready(config: &Config, listeners: &[TcpListener], folder: &Path, link: Option<&str>) -> String {
    let addresses: Vec<SocketAddr> =
        listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect();
    let mut ports: Vec<u16> = addresses.iter().map(SocketAddr::port).collect();
    ports.dedup();
    let scheme = config.tls.scheme();
    let url = match (&config.public_url, addresses.first()) {
        (Some(url), _) => url.origin.clone(),
        (None, Some(at)) if at.ip().is_loopback() => format!("{scheme}://localhost:{}", at.port()),
        (None, Some(at)) => format!("{scheme}://{at}"),
        (None, None) => String::new(),
    };
    let listening: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    if config.insecure_open && !config.is_loopback() {
        tracing::warn!("open: everybody who reaches this address can read and change everything");
    }
    let first = link.map_or_else(String::new, |link| {
        format!("\nThere is no administrator yet. Become it, once, here:\n\n  {url}{JOIN}{link}\n")
    });
    format!(
        "Log Center {version} is ready.

  Dashboard  {url}
  API        {url}/api/v1, described at {url}/docs
  Data       {folder}
  Listening  {listening}
{first}
Send a first report:

  curl {url}/api/v1/logs/report -d '{{\"project_id\":\"demo\",\"environment\":\"development\",\
\"level\":\"ERROR\",\"error\":{{\"type\":\"ValueError\",\"message\":\"hello\",\
\"file_path\":\"app.py\",\"line_number\":1,\"stack_trace\":[\"ValueError: hello\"]}}}}'

Ctrl-C stops it.
",
        version = env!("CARGO_PKG_VERSION"),
        folder = folder.display(),
        listening = listening.join(", "),
    )
}
