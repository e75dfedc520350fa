//! The functions' processes, found and signalled from outside through `/proc`.

use std::collections::HashMap;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Child;

pub(crate) use rustix::process::Signal;
use rustix::process::{Pid, kill_process};

/// Looks at the kernel's table of sockets before a connection is taken for nobody's.
const LOOKS: usize = 20;

/// A process that runs a function.
#[derive(Debug, Clone)]
pub(crate) struct FunctionProcess {
    pid: i32,
    environment: HashMap<String, String>,
}

impl FunctionProcess {
    /// All that work through the S3 endpoint `proxy`, which is this run's alone.
    pub(crate) fn all(proxy: &str) -> Vec<Self> {
        let Ok(entries) = fs::read_dir("/proc") else {
            return Vec::new();
        };
        let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        pids.filter_map(Self::read)
            .filter(|process| {
                process.value("AWS_ENDPOINT_URL_S3") == Some(proxy)
                    && process.value("AWS_LAMBDA_RUNTIME_API").is_some()
            })
            .collect()
    }

    /// The one whose connection from `peer` to `here` this is.
    pub(crate) fn at(proxy: &str, peer: SocketAddr, here: SocketAddr) -> Option<Self> {
        // The kernel's table is read in pieces, and may lack a row that moves in the meantime.
        (0..LOOKS).find_map(|_| Self::holding(proxy, socket_inode(peer, here)?))
    }

    fn holding(proxy: &str, inode: u64) -> Option<Self> {
        let socket = PathBuf::from(format!("socket:[{inode}]"));
        Self::all(proxy).into_iter().find(|process| {
            let open = fs::read_dir(format!("/proc/{}/fd", process.pid));
            open.is_ok_and(|mut open| {
                open.any(|fd| {
                    fd.is_ok_and(|fd| fs::read_link(fd.path()).is_ok_and(|link| link == socket))
                })
            })
        })
    }

    fn read(pid: i32) -> Option<Self> {
        let text = fs::read(format!("/proc/{pid}/environ")).ok()?;
        let text = String::from_utf8_lossy(&text);
        let pairs = text.split('\0').filter_map(|pair| pair.split_once('='));
        Some(Self {
            pid,
            environment: pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
        })
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str)
    }

    /// The memory that the function has, in bytes.
    pub(crate) fn memory_limit(&self) -> Option<u64> {
        let mib: u64 = self
            .value("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")?
            .parse()
            .ok()?;
        Some(mib << 20)
    }

    /// The memory that is in use, in bytes; none when it has ended.
    pub(crate) fn memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(kib << 10)
    }

    /// Sends a signal; false when there is nobody to send it to any more.
    pub(crate) fn signal(&self, signal: Signal) -> bool {
        Pid::from_raw(self.pid).is_some_and(|pid| kill_process(pid, signal).is_ok())
    }
}

/// Asks a process of this one's to end.
pub(crate) fn ask_to_end(child: &Child) {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    // It may have ended by itself.
    let _ = pid.map(|pid| kill_process(pid, Signal::TERM));
}

/// The inode of the socket of a connection, of which `/proc/net/tcp` lists every one (proc_net_tcp(5)).
/// Its own port alone may be another connection's too.
fn socket_inode(local: SocketAddr, remote: SocketAddr) -> Option<u64> {
    let (local, remote) = (in_table(local)?, in_table(remote)?);
    let table = fs::read_to_string("/proc/net/tcp").ok()?;
    let mut rows = table.lines().map(|row| row.split_whitespace());
    let row = rows.find_map(|mut row| {
        let ends = [row.nth(1)?, row.next()?];
        (ends == [local.as_str(), remote.as_str()]).then_some(row)
    });
    row?.nth(6)?.parse().ok()
}

fn in_table(address: SocketAddr) -> Option<String> {
    let SocketAddr::V4(address) = address else {
        return None;
    };
    let ip = u32::from_le_bytes(address.ip().octets());
    Some(format!("{ip:08X}:{:04X}", address.port()))
}
