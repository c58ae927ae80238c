//! HTTP as far as the load needs it, written by hand: it takes little of the processors that it
//! shares with what it measures.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

use tokio::net::TcpStream as AsyncStream;

/// Room that an answer gets at first, and then at a time.
const ROOM: usize = 16 * 1_024;

/// One answer: its status, and where its body stands in the buffer it was read into.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    body_at: usize,
    length: usize,
}

impl Answer {
    pub(crate) fn body(self, buffer: &[u8]) -> &[u8] {
        &buffer[self.body_at..self.length]
    }
}

/// A request with the length of its body.
pub(crate) fn head(path: &str, length: usize) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n"
    )
}

/// A connection that is kept alive, and asks one thing after the other.
#[derive(Debug)]
pub(crate) struct Asking {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Asking {
    pub(crate) fn new(port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::new() })
    }

    /// `GET`: status and body.
    pub(crate) fn get(&mut self, path: &str) -> io::Result<(u16, &[u8])> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        self.send(request.as_bytes())
    }

    /// `POST` of nothing: status and body.
    pub(crate) fn post(&mut self, path: &str) -> io::Result<(u16, &[u8])> {
        self.send(head(path, 0).as_bytes())
    }

    /// Sends a whole request: status and body of its answer.
    fn send(&mut self, request: &[u8]) -> io::Result<(u16, &[u8])> {
        self.stream.write_all(request)?;
        let mut filled = 0;
        loop {
            make_room(&mut self.buffer, filled);
            let read = self.stream.read(&mut self.buffer[filled..])?;
            filled += read;
            if let Some(answer) = arrived(&self.buffer[..filled], read)? {
                return Ok((answer.status, answer.body(&self.buffer)));
            }
        }
    }
}

/// Sends all of it.
pub(crate) async fn write(stream: &AsyncStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match stream.try_write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => stream.writable().await?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Reads one answer.
pub(crate) async fn read(stream: &AsyncStream, buffer: &mut Vec<u8>) -> io::Result<Answer> {
    let mut filled = 0;
    loop {
        stream.readable().await?;
        make_room(buffer, filled);
        match stream.try_read(&mut buffer[filled..]) {
            Ok(read) => {
                filled += read;
                if let Some(answer) = arrived(&buffer[..filled], read)? {
                    return Ok(answer);
                }
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

fn make_room(buffer: &mut Vec<u8>, filled: usize) {
    if buffer.len() < filled + ROOM {
        buffer.resize(filled + 2 * ROOM, 0);
    }
}

/// The answer, once all of it is there; the last reading brought so many bytes.
fn arrived(bytes: &[u8], read: usize) -> io::Result<Option<Answer>> {
    if read == 0 {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    let Some(answer) = whole(bytes) else { return Ok(None) };
    assert!(bytes.len() <= answer.length, "an answer to nothing");
    Ok((bytes.len() == answer.length).then_some(answer))
}

/// An answer whose head is complete.
fn whole(bytes: &[u8]) -> Option<Answer> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&bytes[..head]).ok()?;
    let status = text.get(9..12)?.parse().ok()?;
    let length: Option<usize> = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    Some(Answer { status, body_at: head + 4, length: head + 4 + length.unwrap_or(0) })
}
