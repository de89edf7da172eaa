//! Payload encoding: as text, or in one compressed stream per connection. For `socket`.

use axum::extract::ws::{Message, Utf8Bytes};
use flate2::{Compress, Compression, FlushCompress};

/// The head of a zstd frame of unknown length, with a window of 2 MiB (RFC 8878, 3.1.1).
const ZSTD_HEAD: [u8; 6] = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58];
/// The largest block of a zstd frame.
const ZSTD_BLOCK: usize = 128 * 1024;

/// The compression a connection asked for.
#[derive(Debug)]
pub(super) enum Transport {
    Plain,
    Zlib(Compress),
    /// Raw blocks only, which any decoder accepts, so nothing needs to be compressed.
    Zstd {
        begun: bool,
    },
}

impl Transport {
    /// The transport named in `?compress=`.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "" => Self::Plain,
            "zlib-stream" => Self::Zlib(Compress::new(Compression::fast(), true)),
            "zstd-stream" => Self::Zstd { begun: false },
            _ => return None,
        })
    }

    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Plain => "none",
            Self::Zlib(_) => "zlib-stream",
            Self::Zstd { .. } => "zstd-stream",
        }
    }

    /// A payload as it is sent, flushed so that it can be read at once.
    pub(super) fn pack(&mut self, text: Utf8Bytes) -> Option<Message> {
        Some(match self {
            Self::Plain => Message::Text(text),
            Self::Zlib(stream) => Message::Binary(deflate(stream, text.as_bytes())?.into()),
            Self::Zstd { begun } => {
                let mut out = if std::mem::replace(begun, true) { Vec::new() } else { ZSTD_HEAD.to_vec() };
                for block in text.as_bytes().chunks(ZSTD_BLOCK) {
                    // Three bytes: the length, type 0 (raw), and that it is not the last.
                    let head = u32::try_from(block.len()).ok()? << 3;
                    out.extend(head.to_le_bytes().iter().take(3));
                    out.extend(block);
                }
                Message::Binary(out.into())
            }
        })
    }
}

/// One payload of the shared zlib stream.
fn deflate(stream: &mut Compress, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len() / 2 + 64);
    let start = stream.total_in();
    loop {
        let done = usize::try_from(stream.total_in() - start).ok()?;
        stream.compress_vec(bytes.get(done..)?, &mut out, FlushCompress::Sync).ok()?;
        // The flush is complete when there is room left.
        if out.len() < out.capacity() {
            return Some(out);
        }
        out.reserve(out.capacity());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zstd_is_one_frame_of_raw_blocks_over_the_whole_connection() {
        let mut transport = Transport::named("zstd-stream").unwrap();
        let long = "x".repeat(ZSTD_BLOCK + 1);
        let mut sent = Vec::new();
        for text in ["one", &long] {
            let Some(Message::Binary(bytes)) = transport.pack(text.to_owned().into()) else {
                panic!("no bytes")
            };
            sent.extend(bytes);
        }
        let mut rest = sent.strip_prefix(&ZSTD_HEAD).unwrap();
        let mut blocks = Vec::new();
        while let [a, b, c, tail @ ..] = rest {
            let head = u32::from_le_bytes([*a, *b, *c, 0]);
            assert_eq!(head & 0b111, 0, "raw, and not the last");
            let (block, after) = tail.split_at(usize::try_from(head >> 3).unwrap());
            blocks.push(std::str::from_utf8(block).unwrap());
            rest = after;
        }
        assert_eq!(blocks, ["one", &long[..ZSTD_BLOCK], "x"]);
    }
}
