//! How a file is written: encoding, delimiter, whether there is a header.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use encoding_rs::{Decoder, Encoding, GB18030, UTF_8};

/// Bytes looked at.
const SAMPLE: usize = 256 << 10;

/// See the module's head.
#[derive(Clone, Debug)]
pub struct Dialect {
    /// Of the text.
    pub encoding: &'static Encoding,
    /// Between cells.
    pub delimiter: u8,
}

/// Looks at the beginning of a file.
///
/// # Errors
///
/// If it cannot be read, or is no text.
pub fn sniff(path: &Path) -> io::Result<Dialect> {
    let mut sample = Vec::new();
    File::open(path)?.take(SAMPLE as u64).read_to_end(&mut sample)?;
    sniff_bytes(&sample)
}

fn sniff_bytes(sample: &[u8]) -> io::Result<Dialect> {
    if sample.starts_with(b"PK\x03\x04") {
        return Err(io::Error::other("it is a workbook or an archive; save it as CSV first"));
    }
    let encoding = encoding_of(sample);
    let (text, _, _) = encoding.decode(sample);
    if text.chars().take(4_096).any(|char| char == '\0') {
        return Err(io::Error::other("it is no text"));
    }
    Ok(Dialect { encoding, delimiter: delimiter_of(&text) })
}

/// A byte order mark says it; otherwise what is valid UTF-8 is UTF-8, and everything else was written by a
/// Chinese spreadsheet program: GB18030 holds GBK and GB2312.
fn encoding_of(sample: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(sample) {
        return encoding;
    }
    match std::str::from_utf8(sample) {
        Ok(_) => UTF_8,
        // A character cut off by the end of the sample is no error.
        Err(error) if error.error_len().is_none() => UTF_8,
        Err(_) => GB18030,
    }
}

/// The character that stands outside quotes the same number of times in most lines.
fn delimiter_of(text: &str) -> u8 {
    let candidates = [b',', b';', b'\t', b'|'];
    let mut counts: [Vec<usize>; 4] = Default::default();
    let mut line = [0usize; 4];
    let mut quoted = false;
    for byte in text.bytes().chain(std::iter::once(b'\n')) {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => {
                for (counts, count) in counts.iter_mut().zip(&mut line) {
                    counts.push(std::mem::take(count));
                }
                if counts[0].len() == 100 {
                    break;
                }
            }
            _ if !quoted => {
                if let Some(at) = candidates.iter().position(|candidate| *candidate == byte) {
                    line[at] += 1;
                }
            }
            _ => {}
        }
    }
    let score = |counts: &[usize]| {
        let first = counts.first().copied().unwrap_or(0);
        let same = counts.iter().filter(|count| **count == first && first > 0).count();
        (same, first)
    };
    let best = (0..4).rev().max_by_key(|at| score(&counts[*at]));
    best.filter(|at| score(&counts[*at]).1 > 0).map_or(b',', |at| candidates[at])
}

impl Dialect {
    /// Reads the file below its header, as UTF-8 whatever it is written in.
    ///
    /// # Errors
    ///
    /// If it cannot be opened.
    pub fn open(&self, path: &Path) -> io::Result<csv::Reader<Decoded>> {
        let mut reader = self.open_with_header(path)?;
        let mut header = csv::StringRecord::new();
        reader.read_record(&mut header).map_err(io::Error::other)?;
        Ok(reader)
    }

    /// As [`Dialect::open`], with the header as its first row.
    ///
    /// # Errors
    ///
    /// If it cannot be opened.
    pub fn open_with_header(&self, path: &Path) -> io::Result<csv::Reader<Decoded>> {
        let decoded = Decoded::new(File::open(path)?, self.encoding);
        Ok(csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.delimiter)
            .buffer_capacity(256 << 10)
            .from_reader(decoded))
    }
}

/// Reads a file as UTF-8; what cannot be decoded becomes the replacement character.
pub struct Decoded {
    file: File,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_from: usize,
    text: Vec<u8>,
    text_from: usize,
    ended: bool,
}

impl Decoded {
    fn new(file: File, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        Self { file, decoder, raw: Vec::new(), raw_from: 0, text: Vec::new(), text_from: 0, ended: false }
    }

    fn fill(&mut self) -> io::Result<()> {
        if self.raw_from == self.raw.len() {
            self.raw.resize(64 << 10, 0);
            let read = self.file.read(&mut self.raw)?;
            self.raw.truncate(read);
            self.raw_from = 0;
            self.ended = read == 0;
        }
        self.text.resize(256 << 10, 0);
        let (_, read, written, _) =
            self.decoder.decode_to_utf8(&self.raw[self.raw_from..], &mut self.text, self.ended);
        self.raw_from += read;
        self.text.truncate(written);
        self.text_from = 0;
        Ok(())
    }
}

impl Read for Decoded {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.text_from == self.text.len() {
            if self.ended {
                return Ok(0);
            }
            self.fill()?;
        }
        let len = out.len().min(self.text.len() - self.text_from);
        out[..len].copy_from_slice(&self.text[self.text_from..self.text_from + len]);
        self.text_from += len;
        Ok(len)
    }
}

impl std::fmt::Debug for Decoded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoded").field("encoding", &self.decoder.encoding().name()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognizes_how_files_are_written() {
        let cases: [(&[u8], &str, u8); 8] = [
            (b"a,b\n1,2\n", "UTF-8", b','),
            (b"a;b\n1,5;2\n3,5;4\n", "UTF-8", b';'),
            (b"a\tb\n1\t2\n", "UTF-8", b'\t'),
            (b"\xef\xbb\xbfa,b\n", "UTF-8", b','),
            (b"\xff\xfea\0,\0b\0\n\0", "UTF-16LE", b','),
            ("名称,数量\n".as_bytes(), "UTF-8", b','),
            (&[0xc3, 0xfb, 0xb3, 0xc6, b',', 0xca, 0xfd, 0xc1, 0xbf, b'\n'], "gb18030", b','),
            (b"\"a;b\",c\n\"d;e;f\",g\n", "UTF-8", b','),
        ];
        for (bytes, encoding, delimiter) in cases {
            let dialect = sniff_bytes(bytes).expect("a text");
            assert_eq!((dialect.encoding.name(), dialect.delimiter), (encoding, delimiter), "{bytes:?}");
        }
        assert!(sniff_bytes(b"PK\x03\x04...").is_err() && sniff_bytes(b"a\0b").is_err());
    }
}
