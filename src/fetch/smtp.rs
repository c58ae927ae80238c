//! One mail to one mail server, over TLS from the beginning or from `STARTTLS` on.
//!
//! Invariant: nothing that was said before TLS is believed after it, and no password goes out
//! without it.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use hyper::Uri;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::rustls::pki_types::ServerName;

use super::{Address, CONNECT_TIME, Failure, reason, tls};
use crate::domain::base64;
use crate::domain::notify::smtp::{Ended, Step};

/// How long an answer may take. Servers that slow strangers down take some seconds.
const ANSWER_TIME: Duration = Duration::from_secs(30);
/// How long the answer to a whole mail may take: RFC 5321 asks for ten minutes, and who gives up
/// earlier sends what was taken once more.
const TAKEN_TIME: Duration = Duration::from_secs(300);
/// Bytes of a line of an answer at most; RFC 5321 allows 512.
const LINE_BYTES_MAX: u64 = 2_048;
/// Lines of an answer at most.
const LINES_MAX: usize = 100;
/// The port for programs that send, with `STARTTLS`.
const PORT: u16 = 587;
/// The port for TLS from the beginning.
const PORT_TLS: u16 = 465;

/// When a conversation becomes secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrecy {
    /// From its first byte on.
    FromStart,
    /// By `STARTTLS`, or there is none.
    Upgraded,
    /// By `STARTTLS` if the server offers it.
    UpgradedIfOffered,
}

/// Where a mail goes, and how.
#[derive(Clone, Copy, Debug)]
pub struct Way<'a> {
    /// The server, by whose name its certificate is checked.
    pub server: &'a Address,
    /// When it becomes secret.
    pub secrecy: Secrecy,
    /// A PEM file of further certificate authorities.
    pub authorities: Option<&'a Path>,
}

/// Who sends.
#[derive(Clone, Copy)]
pub struct Login<'a> {
    /// The name.
    pub name: &'a str,
    /// The password.
    pub password: &'a str,
}

/// What is sent, by whom, to whom.
#[derive(Clone, Copy)]
pub struct Envelope<'a> {
    /// The sender's address.
    pub from: &'a str,
    /// Addresses; at least one.
    pub to: &'a [String],
    /// The whole mail.
    pub mail: &'a str,
    /// Whether it goes to those whom the server accepts, when it accepts some and others not yet.
    pub is_split: bool,
    /// Who logs in, if anybody.
    pub login: Option<Login<'a>>,
}

/// How the conversation ended, and the server's last words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// How it ended.
    pub ended: Ended,
    /// What the server said, with whom it refused.
    pub answer: String,
}

/// The server of an address: `smtp://host`, which is port 587, or `smtps://host`, which is 465.
/// The error is a clause.
pub fn server(text: &str) -> Result<Address, String> {
    let expected = "expected smtp:// or smtps://, a host and perhaps a port, e.g. \
                    smtps://smtp.example.org";
    let uri: Uri = text.trim().parse().map_err(|_| expected)?;
    let authority = uri.authority().ok_or(expected)?;
    let (scheme, port) = match uri.scheme_str() {
        Some("smtp") => ("http", PORT),
        Some("smtps") => ("https", PORT_TLS),
        _ => return Err(expected.into()),
    };
    let path = uri.path_and_query().map_or("", |path| path.as_str());
    let mut address: Address = format!("{scheme}://{authority}{path}").parse()?;
    address.port = authority.port_u16().unwrap_or(port);
    Ok(address)
}

/// Brings a mail to a server at one of these addresses of it.
pub async fn deliver(
    way: &Way<'_>,
    places: &[SocketAddr],
    envelope: &Envelope<'_>,
) -> Result<Told, Failure> {
    let connected = timeout(CONNECT_TIME, TcpStream::connect(places)).await;
    let socket = connected
        .map_err(|_| Failure::Unreachable("it does not answer".into()))?
        .map_err(|error| Failure::Unreachable(reason(&error)))?;
    let _slower = socket.set_nodelay(true);
    let own = socket.local_addr().map_err(|error| Failure::Unreachable(error.to_string()))?;
    let mut talk = Talk { stream: BufReader::new(Box::new(socket)), hello: hello(own) };
    if way.secrecy == Secrecy::FromStart {
        talk = talk.encrypted(way).await?;
    }
    match talk.deliver(way, envelope).await {
        Ok(told) => Ok(told),
        Err(Stopped::Told(told)) => Ok(told),
        Err(Stopped::Failed(failure)) => Err(failure),
    }
}

/// The name that a machine without one gives itself.
fn hello(own: SocketAddr) -> String {
    match own {
        SocketAddr::V4(four) => format!("[{}]", four.ip()),
        SocketAddr::V6(six) => format!("[IPv6:{}]", six.ip()),
    }
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Why a conversation did not go on.
enum Stopped {
    Told(Told),
    Failed(Failure),
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

fn stopped(ended: Ended, answer: &str) -> Stopped {
    Stopped::Told(Told { ended, answer: answer.to_owned() })
}

/// A code and the text beside it, a line a line.
struct Reply {
    code: u16,
    text: String,
}

struct Talk {
    stream: BufReader<Box<dyn Stream>>,
    hello: String,
}

impl Talk {
    async fn encrypted(self, way: &Way<'_>) -> Result<Self, Failure> {
        // What came in clear text behind the answer to STARTTLS could be anybody's.
        if !self.stream.buffer().is_empty() {
            return Err(Failure::Broken("more came before TLS than was asked for".into()));
        }
        let connector = tls::connector(way.authorities).map_err(Failure::Unreachable)?;
        let host = way.server.host();
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| Failure::Unreachable(format!("{host} is no name of a server")))?;
        let stream = timeout(ANSWER_TIME, connector.connect(name, self.stream.into_inner()));
        let stream = stream
            .await
            .map_err(|_| Failure::TimedOut)?
            .map_err(|error| Failure::Unreachable(tls::untrusted(&error.to_string())))?;
        Ok(Self { stream: BufReader::new(Box::new(stream)), hello: self.hello })
    }

    async fn deliver(mut self, way: &Way<'_>, envelope: &Envelope<'_>) -> Result<Told, Stopped> {
        let greeting = self.reply().await?;
        expect(Step::Greeting, &greeting, 220)?;
        let mut offers = self.greet().await?;
        let mut is_secret = way.secrecy == Secrecy::FromStart;
        if !is_secret && offered(&offers, "STARTTLS").is_some() {
            self.ask(Step::StartTls, "STARTTLS", 220).await?;
            self = self.encrypted(way).await?;
            offers = self.greet().await?;
            is_secret = true;
        }
        if !is_secret && way.secrecy == Secrecy::Upgraded {
            return Err(stopped(Ended::NoTls, &offers));
        }
        if let Some(login) = envelope.login {
            let ways = offered(&offers, "AUTH").filter(|_| is_secret);
            let ways = ways.ok_or_else(|| stopped(Ended::NoLogin, &offers))?;
            self.log_in(&ways, &login).await?;
        }
        let told = self.hand_over(envelope).await?;
        // It has the mail; whether it says goodbye does not matter.
        let _ended = timeout(CONNECT_TIME, self.say("QUIT")).await;
        Ok(told)
    }

    async fn greet(&mut self) -> Result<String, Stopped> {
        let line = format!("EHLO {}", self.hello);
        Ok(self.ask(Step::Hello, &line, 250).await?.text)
    }

    async fn log_in(&mut self, ways: &str, login: &Login<'_>) -> Result<(), Stopped> {
        let Login { name, password } = login;
        let knows = |way: &str| ways.split_whitespace().any(|one| one.eq_ignore_ascii_case(way));
        if knows("PLAIN") {
            let secret = base64::encode(format!("\0{name}\0{password}").as_bytes());
            self.ask(Step::Login, &format!("AUTH PLAIN {secret}"), 235).await?;
        } else if knows("LOGIN") {
            self.ask(Step::Login, "AUTH LOGIN", 334).await?;
            self.ask(Step::Login, &base64::encode(name.as_bytes()), 334).await?;
            self.ask(Step::Login, &base64::encode(password.as_bytes()), 235).await?;
        } else {
            return Err(stopped(Ended::NoLogin, ways));
        }
        Ok(())
    }

    async fn hand_over(&mut self, envelope: &Envelope<'_>) -> Result<Told, Stopped> {
        let line = format!("MAIL FROM:<{}>", envelope.from);
        self.ask(Step::Sender, &line, 250).await?;
        let mut refused = String::new();
        let mut worst = None;
        let mut is_taken = false;
        for to in envelope.to {
            self.say(&format!("RCPT TO:<{to}>")).await?;
            let reply = self.reply().await?;
            if matches!(reply.code, 250..=252) {
                is_taken = true;
                continue;
            }
            let is_for_now = (400..500).contains(&reply.code);
            let ended = Ended::Refused(Step::Recipient, reply.code);
            if is_for_now && !envelope.is_split {
                return Err(stopped(ended, &format!("{to}: {}", reply.text)));
            }
            refused.push_str(&format!(" · {to}: {}", reply.text));
            // One who may be accepted later weighs more than one who never is.
            if worst.is_none() || is_for_now {
                worst = Some(ended);
            }
        }
        if let Some(ended) = worst.filter(|_| !is_taken) {
            return Err(stopped(ended, refused.trim_start_matches(" · ")));
        }
        self.ask(Step::Mail, "DATA", 354).await?;
        self.write(&dotted(envelope.mail)).await?;
        let reply = timeout(TAKEN_TIME, self.lines()).await.map_err(|_| Failure::TimedOut)??;
        expect(Step::Mail, &reply, 250)?;
        Ok(Told { ended: Ended::Taken, answer: format!("{}{refused}", reply.text) })
    }

    /// Says a line and wants a code.
    async fn ask(&mut self, step: Step, line: &str, code: u16) -> Result<Reply, Stopped> {
        self.say(line).await?;
        let reply = self.reply().await?;
        expect(step, &reply, code)?;
        Ok(reply)
    }

    async fn say(&mut self, line: &str) -> Result<(), Failure> {
        self.write(&format!("{line}\r\n")).await
    }

    async fn write(&mut self, text: &str) -> Result<(), Failure> {
        let all = async {
            self.stream.write_all(text.as_bytes()).await?;
            self.stream.flush().await
        };
        let written = timeout(ANSWER_TIME, all).await.map_err(|_| Failure::TimedOut)?;
        written.map_err(|error| Failure::Broken(error.to_string()))
    }

    async fn reply(&mut self) -> Result<Reply, Failure> {
        timeout(ANSWER_TIME, self.lines()).await.map_err(|_| Failure::TimedOut)?
    }

    async fn lines(&mut self) -> Result<Reply, Failure> {
        let broken = |why: &str| Failure::Broken(why.to_owned());
        let mut all = Vec::new();
        while all.len() < LINES_MAX {
            let mut line = Vec::new();
            let mut some = (&mut self.stream).take(LINE_BYTES_MAX);
            let read = some.read_until(b'\n', &mut line).await;
            read.map_err(|error| Failure::Broken(error.to_string()))?;
            if line.last() != Some(&b'\n') {
                return Err(broken("it ended in the middle of an answer"));
            }
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            let code = line.get(..3).and_then(|code| code.parse().ok());
            let code: u16 = code.ok_or_else(|| broken("what came is not SMTP"))?;
            let is_last = line.as_bytes().get(3) != Some(&b'-');
            all.push(line);
            if is_last {
                return Ok(Reply { code, text: all.join("\n") });
            }
        }
        Err(broken("an answer has too many lines"))
    }
}

fn expect(step: Step, reply: &Reply, code: u16) -> Result<(), Stopped> {
    if reply.code == code {
        return Ok(());
    }
    Err(stopped(Ended::Refused(step, reply.code), &reply.text))
}

/// What a server says behind a word of its offers; `None` if it does not offer it.
fn offered(offers: &str, word: &str) -> Option<String> {
    offers.lines().skip(1).find_map(|line| {
        let line = line.get(4..)?;
        let (name, rest) = line.split_once([' ', '=']).unwrap_or((line, ""));
        name.eq_ignore_ascii_case(word).then(|| rest.to_owned())
    })
}

/// The mail as it goes out: a line that begins with a dot gets another, and a dot ends it.
fn dotted(mail: &str) -> String {
    let mut out = String::with_capacity(mail.len() + 8);
    for line in mail.lines() {
        if line.starts_with('.') {
            out.push('.');
        }
        out.push_str(line);
        out.push_str("\r\n");
    }
    out.push_str(".\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_read_with_its_port() {
        let table = [
            ("smtp://mail.example.org", Some((false, "mail.example.org", 587))),
            ("smtps://mail.example.org", Some((true, "mail.example.org", 465))),
            ("smtps://mail.example.org:443/", Some((true, "mail.example.org", 443))),
            ("smtp://[::1]:25", Some((false, "::1", 25))),
            ("smtp://a:b@mail.example.org", None),
            ("smtp://mail.example.org/x", None),
            ("https://mail.example.org", None),
            ("mail.example.org:25", None),
            ("", None),
        ];
        for (text, expected) in table {
            let read = server(text).ok();
            let read = read.as_ref().map(|at| (at.is_tls(), at.host(), at.port));
            assert_eq!(read, expected, "{text}");
        }
    }

    #[test]
    fn offers_are_words_of_their_own() {
        let offers = "250-mail.example.org\n250-SIZE 1000\n250-AUTH=PLAIN LOGIN\n250 STARTTLS";
        assert_eq!(offered(offers, "AUTH").as_deref(), Some("PLAIN LOGIN"));
        assert_eq!(offered(offers, "starttls").as_deref(), Some(""));
        assert_eq!(offered(offers, "START"), None);
        assert_eq!(offered("250-STARTTLS\n250 OK", "STARTTLS"), None, "the first line is a name");
    }

    #[test]
    fn no_line_of_a_mail_ends_it() {
        assert_eq!(dotted("a\r\n.\r\n..b\r\n"), "a\r\n..\r\n...b\r\n.\r\n");
    }
}
