//! What functions print, passed on to standard error with their names.

use std::io::Write;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// A line longer than this is passed on in pieces.
const MAX_LINE_BYTES: usize = 64 * 1024;

/// Passes lines on until the process has closed its end.
pub(super) async fn pass_on(from: impl AsyncRead + Unpin, name: String, pid: u32) {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while let Ok(bytes) = from.fill_buf().await {
        if bytes.is_empty() {
            break;
        }
        let end = bytes.iter().position(|&byte| byte == b'\n');
        let taken = end.map_or(bytes.len(), |end| end + 1);
        line.extend_from_slice(&bytes[..taken]);
        from.consume(taken);
        if end.is_some() || line.len() >= MAX_LINE_BYTES {
            print(&name, pid, &line);
            line.clear();
        }
    }
    if !line.is_empty() {
        print(&name, pid, &line);
    }
}

fn print(name: &str, pid: u32, line: &[u8]) {
    let text = String::from_utf8_lossy(line);
    // Nobody reads standard error any more: there is nobody to tell.
    let _ = writeln!(
        std::io::stderr().lock(),
        "[{name} {pid}] {}",
        text.trim_end()
    );
}
