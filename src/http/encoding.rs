//! `Content-Encoding` of a request: which are understood, and how they are undone. The limit counts
//! what comes out, and decoding stops right behind it: a small bomb costs no more than its limit.
//! So does what nothing comes out of: it is given up when too much went in for it.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use flate2::bufread;

use super::error::Error;

/// What may go into deflate beyond twice of what came out: nothing packs text so that it grows, but
/// empty blocks and members give nothing, and take processor time.
const FRUITLESS_BYTES_MAX: usize = 64 * 1_024;
/// Bytes that are handed over, and asked for, at once.
const PIECE_BYTES: usize = 4 * 1_024;

/// Largest zstd window, 2^23 bytes: the limit of RFC 9659 for this use.
const ZSTD_WINDOW_LOG_MAX: u32 = 23;

/// How a body is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As it is.
    Identity,
    /// RFC 1952; several members follow one another.
    Gzip,
    /// RFC 1950, or the raw RFC 1951 that some programs send under the same name.
    Deflate,
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
}

impl Encoding {
    /// Reads the header. One encoding (beside `identity`) is understood, several are refused.
    pub(super) fn parse(header: &str) -> Result<Self, Error> {
        let mut found = Self::Identity;
        for name in header.split(',').map(str::trim) {
            let next = match name.to_ascii_lowercase().as_str() {
                "" | "identity" => continue,
                "gzip" | "x-gzip" => Self::Gzip,
                "deflate" => Self::Deflate,
                "br" => Self::Brotli,
                "zstd" => Self::Zstd,
                _ => {
                    let name: String = name.chars().take(32).collect();
                    return Err(Error::Encoding(format!(
                        "Content-Encoding {name:?} is not understood: use gzip, deflate, br, zstd \
                         or none"
                    )));
                }
            };
            if found != Self::Identity {
                return Err(Error::Encoding("use one Content-Encoding, not several".into()));
            }
            found = next;
        }
        Ok(found)
    }

    /// Undoes it. Refused: more than `bytes_max` bytes come out, or the data is damaged or cut off.
    pub(super) fn decode(self, packed: &[u8], bytes_max: usize) -> Result<Vec<u8>, Error> {
        match self {
            Self::Identity if packed.len() > bytes_max => Err(Error::TooLarge(bytes_max)),
            Self::Identity => Ok(packed.to_vec()),
            Self::Gzip => inflate(packed, bytes_max, bufread::MultiGzDecoder::new),
            Self::Deflate if has_zlib_header(packed) => {
                inflate(packed, bytes_max, bufread::ZlibDecoder::new)
            }
            Self::Deflate => inflate(packed, bytes_max, bufread::DeflateDecoder::new),
            Self::Brotli => read(brotli_decompressor::Decompressor::new(packed, 4_096), bytes_max),
            Self::Zstd => {
                let mut decoder =
                    zstd::stream::read::Decoder::with_buffer(packed).map_err(|_| damaged())?;
                decoder.window_log_max(ZSTD_WINDOW_LOG_MAX).map_err(|_| damaged())?;
                read(decoder, bytes_max)
            }
        }
    }
}

/// Deflate with window size 32 KiB or less, and the check bits of RFC 1950.
fn has_zlib_header(packed: &[u8]) -> bool {
    matches!(packed, [method, flags, ..]
        if method & 0x0f == 8
            && method >> 4 <= 7
            && (u16::from(*method) << 8 | u16::from(*flags)).is_multiple_of(31))
}

/// What is packed, as long as enough comes out of it.
struct Fruitful<'a> {
    packed: &'a [u8],
    taken: usize,
    out: Rc<Cell<usize>>,
}

impl Read for Fruitful<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let bytes = self.fill_buf()?.read(into)?;
        self.consume(bytes);
        Ok(bytes)
    }
}

impl BufRead for Fruitful<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.taken > FRUITLESS_BYTES_MAX + 2 * self.out.get() {
            return Err(io::Error::other("too little comes out"));
        }
        Ok(&self.packed[..self.packed.len().min(PIECE_BYTES)])
    }

    fn consume(&mut self, bytes: usize) {
        self.taken += bytes;
        self.packed = &self.packed[bytes..];
    }
}

fn inflate<'a, D: Read>(
    packed: &'a [u8],
    bytes_max: usize,
    decoder: impl FnOnce(Fruitful<'a>) -> D,
) -> Result<Vec<u8>, Error> {
    let (out, mut plain, mut piece) = (Rc::new(Cell::new(0)), Vec::new(), [0; PIECE_BYTES]);
    let mut decoder = decoder(Fruitful { packed, taken: 0, out: Rc::clone(&out) });
    loop {
        let bytes = decoder.read(&mut piece).map_err(|_| damaged())?;
        if bytes == 0 {
            return Ok(plain);
        }
        plain.extend_from_slice(&piece[..bytes]);
        if plain.len() > bytes_max {
            return Err(Error::TooLarge(bytes_max));
        }
        out.set(plain.len());
    }
}

fn read(decoder: impl Read, bytes_max: usize) -> Result<Vec<u8>, Error> {
    let mut plain = Vec::new();
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    decoder.take(limit).read_to_end(&mut plain).map_err(|_| damaged())?;
    if plain.len() > bytes_max { Err(Error::TooLarge(bytes_max)) } else { Ok(plain) }
}

fn damaged() -> Error {
    Error::unreadable("the compressed body is damaged, cut off, or not what Content-Encoding says")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    const TEXT: &[u8] = b"{\"project_id\":\"rtc_backend\",\"level\":\"ERROR\"}";
    /// TEXT in brotli: there is no brotli encoder among the program's own packages.
    const BROTLI_HELLO: &[u8] = &[0x0b, 0x02, 0x80, b'h', b'e', b'l', b'l', b'o', 0x03];

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut writer = GzEncoder::new(Vec::new(), Compression::best());
        writer.write_all(plain).expect("memory");
        writer.finish().expect("memory")
    }

    #[test]
    fn each_encoding_is_undone() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(TEXT).expect("memory");
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::fast());
        raw.write_all(TEXT).expect("memory");
        let table = [
            ("", TEXT.to_vec()),
            ("identity", TEXT.to_vec()),
            ("gzip", gzip(TEXT)),
            ("X-GZIP", gzip(TEXT)),
            ("deflate", zlib.finish().expect("memory")),
            ("deflate", raw.finish().expect("memory")),
            ("zstd", zstd::stream::encode_all(TEXT, 3).expect("memory")),
        ];
        for (name, packed) in table {
            let encoding = Encoding::parse(name).expect("known");
            assert_eq!(encoding.decode(&packed, TEXT.len()).expect("readable"), TEXT, "{name}");
            let error = encoding.decode(&packed, TEXT.len() - 1).expect_err("one byte too much");
            assert_eq!(error.code(), "TooLargeError", "{name}");
        }
        let brotli = Encoding::Brotli.decode(BROTLI_HELLO, 5).expect("readable");
        assert_eq!(brotli, b"hello");
        assert_eq!(
            Encoding::Brotli.decode(BROTLI_HELLO, 4).expect_err("4").code(),
            "TooLargeError"
        );
    }

    #[test]
    fn damaged_and_cut_off_data_is_refused() {
        let whole = gzip(TEXT);
        let cut = &whole[..whole.len() - 9];
        let zstd = zstd::stream::encode_all(TEXT, 3).expect("memory");
        let table = [
            (Encoding::Gzip, cut),
            (Encoding::Gzip, TEXT),
            (Encoding::Deflate, b"{}{}{}{}".as_slice()),
            (Encoding::Brotli, &BROTLI_HELLO[..6]),
            (Encoding::Zstd, &zstd[..zstd.len() - 3]),
            (Encoding::Zstd, TEXT),
        ];
        for (encoding, packed) in table {
            let error = encoding.decode(packed, 1_000).expect_err("damaged");
            assert_eq!(error.code(), "ValidationError", "{encoding:?}");
        }
    }

    #[test]
    fn a_bomb_stops_at_its_limit() {
        let bomb = gzip(&vec![0; 16 * 1_024 * 1_024]);
        assert!(bomb.len() < 20_000);
        let error = Encoding::Gzip.decode(&bomb, 1_024).expect_err("too large");
        assert_eq!(error.status(), 413);
    }

    #[test]
    fn what_gives_nothing_is_given_up() {
        // Fixed Huffman codes with nothing but the end: ten bits a block, four blocks in five
        // bytes; and one that is the last.
        let blocks = [&[0x02, 0x08, 0x20, 0x80, 0x00].repeat(200_000)[..], &[0x03, 0x00]].concat();
        let few = [&[0x02, 0x08, 0x20, 0x80, 0x00].repeat(100)[..], &[0x03, 0x00]].concat();
        let members = [gzip(b"").repeat(50_000), gzip(TEXT)].concat();
        assert_eq!(Encoding::Deflate.decode(&few, 100).expect("few"), b"");
        for (encoding, packed) in [(Encoding::Deflate, blocks), (Encoding::Gzip, members)] {
            let error = encoding.decode(&packed, 10_000_000).expect_err("given up");
            assert_eq!(error.code(), "ValidationError", "{encoding:?}");
        }
        let flushed = gzip(b"ab").repeat(2_000);
        let long = Encoding::Gzip.decode(&flushed, 10_000).expect("many members that hold little");
        assert_eq!(long.len(), 4_000);
        let noise: Vec<u8> = (0..1_000_000_u32).map(|n| (n.wrapping_mul(n) >> 7) as u8).collect();
        assert_eq!(Encoding::Gzip.decode(&gzip(&noise), 1_000_000).expect("noise"), noise);
    }

    #[test]
    fn an_unknown_or_stacked_encoding_is_refused() {
        for header in ["lzma", "gzip, br", "gzip, gzip", "compress"] {
            assert_eq!(Encoding::parse(header).expect_err("refused").status(), 415, "{header}");
        }
        assert_eq!(Encoding::parse("identity, gzip").expect("one"), Encoding::Gzip);
    }
}
