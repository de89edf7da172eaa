//! A minimal WebSocket client, to send the gateway what no library would.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Any, Floor};

/// A frame from the gateway.
#[derive(Debug)]
pub(crate) enum Heard {
    Frame(Value),
    Close(u16),
    Gone,
}

pub(crate) struct Wire(TcpStream);

impl Wire {
    pub(crate) fn open(floor: &Floor) -> Any<Self> {
        let mut wire = Self::dial(floor, "v=10&encoding=json")?;
        assert!(matches!(wire.hear(), Heard::Frame(hello) if hello["op"] == 10));
        Ok(wire)
    }

    /// Connects without reading anything.
    pub(crate) fn dial(floor: &Floor, query: &str) -> Any<Self> {
        let host = floor.sandbox.url().replace("http://", "");
        let mut stream = TcpStream::connect(&host)?;
        stream.set_read_timeout(Some(Duration::from_secs(3)))?;
        write!(
            stream,
            "GET /?{query} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte)?;
            head.extend(byte);
        }
        assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
        Ok(Self(stream))
    }

    /// Opens and identifies with these intents, up to the guilds.
    pub(crate) fn ready(floor: &Floor, intents: u64) -> Any<(Self, Value)> {
        let mut wire = Self::open(floor)?;
        wire.say(&identify(floor, intents))?;
        let ready = wire.event("READY")?;
        Ok((wire, ready))
    }

    pub(crate) fn say(&mut self, payload: &Value) -> Any {
        self.text(payload.to_string().as_bytes())
    }

    pub(crate) fn text(&mut self, payload: &[u8]) -> Any {
        let length = payload.len();
        let mut frame = vec![0x81];
        if length < 126 {
            frame.push(0x80 | u8::try_from(length)?);
        } else {
            frame.push(0x80 | 0x7E);
            frame.extend(u16::try_from(length)?.to_be_bytes());
        }
        // A mask of zeros leaves the payload unchanged.
        frame.extend([0; 4]);
        frame.extend(payload);
        Ok(self.0.write_all(&frame)?)
    }

    pub(crate) fn hear(&mut self) -> Heard {
        self.frame().unwrap_or(Heard::Gone)
    }

    fn frame(&mut self) -> Any<Heard> {
        let (op, payload) = self.payload()?;
        Ok(match op {
            8 => Heard::Close(u16::from_be_bytes([payload[0], payload[1]])),
            _ => Heard::Frame(serde_json::from_slice(&payload)?),
        })
    }

    /// The next raw frame: WebSocket opcode and bytes.
    pub(crate) fn payload(&mut self) -> Any<(u8, Vec<u8>)> {
        let mut head = [0; 2];
        self.0.read_exact(&mut head)?;
        let length = match head[1] & 0x7F {
            0x7E => {
                let mut long = [0; 2];
                self.0.read_exact(&mut long)?;
                u64::from(u16::from_be_bytes(long))
            }
            0x7F => {
                let mut long = [0; 8];
                self.0.read_exact(&mut long)?;
                u64::from_be_bytes(long)
            }
            short => u64::from(short),
        };
        let mut payload = vec![0; usize::try_from(length)?];
        self.0.read_exact(&mut payload)?;
        Ok((head[0] & 0x0F, payload))
    }

    /// Closes with a code.
    pub(crate) fn close(&mut self, code: u16) -> Any {
        self.0.write_all(&[0x88, 0x82, 0, 0, 0, 0])?;
        Ok(self.0.write_all(&code.to_be_bytes())?)
    }

    /// The next event with this name; others are skipped.
    pub(crate) fn event(&mut self, name: &str) -> Any<Value> {
        loop {
            match self.hear() {
                Heard::Frame(mut frame) if frame["t"] == name => return Ok(frame["d"].take()),
                Heard::Frame(_) => {}
                other => return Err(format!("{name} never came: {other:?}").into()),
            }
        }
    }

    /// The code the gateway closes with.
    pub(crate) fn closed(&mut self) -> Option<u16> {
        loop {
            match self.hear() {
                Heard::Frame(_) => {}
                Heard::Close(code) => return Some(code),
                Heard::Gone => return None,
            }
        }
    }
}

pub(crate) fn identify(floor: &Floor, intents: u64) -> Value {
    json!({ "op": 2, "d": { "token": floor.sandbox.token(), "intents": intents, "properties": {} } })
}
