//! Starts the program, hands its output on byte by byte, passes signals on, ends it in time.
//!
//! Invariant: the program's own outcome and output never depend on what is watched here.

use std::cell::{Cell, RefCell};
use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::ExitStatusExt;
use std::pin::{Pin, pin};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::fs::fstat;
use rustix::process::{Pid, Signal};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::unix::pipe::Receiver;
use tokio::process::{Child, Command};
use tokio::signal::unix::{self, SignalKind};
use tokio::time::{Instant, sleep, sleep_until};

use super::group::{self, Group};
use super::tail::{Stream, Tail};

/// How long output is still waited for when the program is gone but something holds its pipes.
const DRAIN: Duration = Duration::from_secs(1);
/// How often it is looked whether everything ended, or came through, after the program.
const LOOK_EVERY: Duration = Duration::from_millis(25);
const PIECE_BYTES: usize = 64 * 1_024;

/// What to run.
#[derive(Debug)]
pub(super) struct Order<'a> {
    pub(super) words: &'a [OsString],
    pub(super) limit: Option<Duration>,
    /// Between SIGTERM and SIGKILL.
    pub(super) grace: Duration,
    pub(super) lines: usize,
}

/// How it ended.
#[derive(Debug)]
pub(super) enum How {
    Exited(i32),
    Killed(i32),
    TimedOut,
    NotFound,
    NotExecutable(io::Error),
}

/// The end of a run.
#[derive(Debug)]
pub(super) struct End {
    pub(super) how: How,
    pub(super) tail: Tail,
    /// A signal that was passed on to it.
    pub(super) passed: Option<i32>,
}

/// Runs the program to its end.
pub(super) async fn run(order: &Order<'_>) -> io::Result<End> {
    // Before the start: a signal that comes in between must not be lost.
    let mut signals = Signals::new()?;
    let mut children = unix::signal(SignalKind::child())?;
    // In a terminal's foreground it has to stay there to read what is typed; Ctrl-C reaches it too.
    let is_own = !io::stdin().is_terminal();
    if order.limit.is_some() {
        group::adopt();
    }
    let (mut child, joined) = match start(order.words, is_own) {
        Ok(started) => started,
        Err(error) => {
            let how = match error.kind() {
                io::ErrorKind::NotFound => How::NotFound,
                _ => How::NotExecutable(error),
            };
            return Ok(End { how, tail: Tail::new(order.lines), passed: None });
        }
    };
    let pid = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    let pid = pid.ok_or_else(|| io::Error::other("it has no number"))?;
    let group = Group::new(pid, is_own);
    let tail = RefCell::new(Tail::new(order.lines));
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let handing_on = Cell::new(0);
    let mut pumps = pin!(async {
        tokio::join!(
            pump(joined, tokio::io::stdout(), &tail, Stream::Out, &handing_on),
            pump(out, tokio::io::stdout(), &tail, Stream::Out, &handing_on),
            pump(err, tokio::io::stderr(), &tail, Stream::Err, &handing_on),
        )
    });
    let (mut is_drained, mut timed_out, mut passed) = (false, false, None);
    let mut deadline = order.limit.map(|limit| Instant::now() + limit);
    let mut status: Option<ExitStatus> = None;
    let mut look = tokio::time::interval(LOOK_EVERY);
    while status.is_none() || (timed_out && group.is_alive()) {
        tokio::select! {
            ended = child.wait(), if status.is_none() => status = Some(ended?),
            _ = &mut pumps, if !is_drained => is_drained = true,
            _ = children.recv(), if order.limit.is_some() => group.reap(),
            signal = signals.next() => {
                // The terminal sent Ctrl-C to the program itself.
                if is_own || signal != Signal::INT {
                    group.pass(signal);
                }
                passed = Some(signal.as_raw());
            }
            () = until(deadline), if deadline.is_some() => {
                group.end(if timed_out { Signal::KILL } else { Signal::TERM });
                // A stopped program would not notice.
                group.pass(Signal::CONT);
                deadline = (!timed_out).then(|| Instant::now() + order.grace);
                timed_out = true;
            }
            _ = look.tick(), if status.is_some() => {}
        }
    }
    if !is_drained {
        drain(pumps, || handing_on.get() > 0 && !timed_out).await;
    }
    let tail = tail.replace(Tail::new(0));
    // Ctrl-C may end the program before this process sees it.
    if !is_own && status.is_some_and(was_interrupted) {
        passed = passed.or(Some(Signal::INT.as_raw()));
    }
    let how = status.filter(|_| !timed_out).map_or(How::TimedOut, outcome);
    Ok(End { how, tail, passed })
}

/// Lets through what the program wrote, however slowly it is read; but what it left running and
/// silent is not waited for, nor is anything after a time-out.
async fn drain(mut pumps: Pin<&mut impl Future>, is_slow_reader: impl Fn() -> bool) {
    let mut silent = Duration::ZERO;
    while silent < DRAIN {
        tokio::select! {
            _ = &mut pumps => return,
            () = sleep(LOOK_EVERY) => if !is_slow_reader() {
                silent += LOOK_EVERY;
            },
        }
    }
}

fn outcome(status: ExitStatus) -> How {
    match status.code() {
        Some(code) => How::Exited(code),
        None => How::Killed(status.signal().unwrap_or(0)),
    }
}

/// Ended by SIGINT, or with the code by which shells say so.
fn was_interrupted(status: ExitStatus) -> bool {
    let number = Signal::INT.as_raw();
    status.signal() == Some(number) || status.code() == Some(128 + number)
}

/// Starts it. Where both outputs go to one place they share one pipe, so that they stay in order.
fn start(words: &[OsString], is_own: bool) -> io::Result<(Child, Option<Receiver>)> {
    let (program, arguments) = words.split_first().ok_or(io::ErrorKind::NotFound)?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::inherit());
    let mut joined = None;
    if is_one_place() {
        let (from, to) = io::pipe()?;
        command.stdout(to.try_clone()?).stderr(to);
        joined = Some(Receiver::from_owned_fd(from.into())?);
    } else {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
    }
    if is_own {
        command.process_group(0);
    }
    Ok((command.spawn()?, joined))
}

/// Whether standard output and standard error are the same terminal, pipe or file.
fn is_one_place() -> bool {
    let place = |of: BorrowedFd<'_>| fstat(of).ok().map(|file| (file.st_dev, file.st_ino));
    let (out, err) = (place(io::stdout().as_fd()), place(io::stderr().as_fd()));
    out.is_some() && out == err
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// Hands bytes on as they come; `handing_on` counts those that wait for a reader. Ends, and closes
/// the program's pipe, when nobody takes them.
async fn pump(
    from: Option<impl AsyncRead + Unpin>,
    mut to: impl AsyncWrite + Unpin,
    tail: &RefCell<Tail>,
    stream: Stream,
    handing_on: &Cell<usize>,
) {
    let Some(mut from) = from else { return };
    let mut piece = vec![0; PIECE_BYTES];
    while let Ok(size @ 1..) = from.read(&mut piece).await {
        tail.borrow_mut().add(stream, &piece[..size]);
        handing_on.set(handing_on.get() + 1);
        let is_lost = to.write_all(&piece[..size]).await.is_err() || to.flush().await.is_err();
        handing_on.set(handing_on.get() - 1);
        if is_lost {
            return;
        }
    }
}

/// The signals that are passed on.
struct Signals([Option<unix::Signal>; 4]);

const PASSED: [Signal; 4] = [Signal::TERM, Signal::INT, Signal::HUP, Signal::QUIT];

impl Signals {
    /// One that is ignored, as under `nohup`, stays ignored, and the program inherits that.
    fn new() -> io::Result<Self> {
        let ignored = ignored();
        let mut all = [None, None, None, None];
        for (place, signal) in all.iter_mut().zip(PASSED) {
            if ignored & (1 << (signal.as_raw() - 1)) == 0 {
                *place = Some(unix::signal(SignalKind::from_raw(signal.as_raw()))?);
            }
        }
        Ok(Self(all))
    }

    async fn next(&mut self) -> Signal {
        async fn one(signal: &mut Option<unix::Signal>) {
            match signal {
                Some(signal) => drop(signal.recv().await),
                None => std::future::pending().await,
            }
        }
        let [term, interrupt, hang_up, quit] = &mut self.0;
        tokio::select! {
            () = one(term) => PASSED[0],
            () = one(interrupt) => PASSED[1],
            () = one(hang_up) => PASSED[2],
            () = one(quit) => PASSED[3],
        }
    }
}

fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}
