//! Ends the functions' processes when their host is gone, however it ended.
//!
//! A host that is killed can tell nobody, and its functions would go on asking an address where nobody
//! answers. So it has a process beside it, the watchdog, that it tells which processes it has started,
//! over a pipe: the system closes that when the host is gone, and the watchdog then kills what is left.
//! (That the system kills a process with its parent can only be asked for by code between `fork` and
//! `exec`, which Rust has as `unsafe` alone.)

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use super::usage;

/// The host's side.
#[derive(Debug)]
pub struct Watchdog {
    told: Mutex<ChildStdin>,
    _process: Child,
}

impl Watchdog {
    /// Starts the watchdog: a command that calls [`watch`] with its standard input.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        // What ends the host's group, such as Ctrl-C, is not to end it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let mut process = command.spawn()?;
        let told = process.stdin.take();
        let told = told.ok_or_else(|| io::Error::other("the watchdog has no input"))?;
        Ok(Self {
            told: Mutex::new(told),
            _process: process,
        })
    }

    /// Tells of a process that was started.
    pub(super) fn began(&self, pid: u32) {
        self.tell(format_args!("+{pid} {}", usage::began(pid).unwrap_or(0)));
    }

    /// Tells of one that has ended.
    pub(super) fn ended(&self, pid: u32) {
        self.tell(format_args!("-{pid} 0"));
    }

    fn tell(&self, what: std::fmt::Arguments<'_>) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = writeln!(told, "{what}") {
            tracing::warn!(%error, "there is no watchdog: should this process be killed, its functions stay");
        }
    }
}

/// The watchdog's side: reads what the host tells until that ends, then kills what is left.
///
/// # Errors
/// When the input cannot be read.
pub fn watch(told: impl BufRead) -> io::Result<()> {
    let mut running = BTreeMap::new();
    for line in told.lines() {
        // A host that is killed while it writes leaves half a line, or bytes that are none.
        let Ok(line) = line else { break };
        let numbers = line.get(1..).and_then(|line| line.split_once(' '));
        let numbers = numbers
            .and_then(|(pid, began)| Some((pid.parse::<u32>().ok()?, began.parse::<u64>().ok()?)));
        match (line.as_bytes().first(), numbers) {
            (Some(b'+'), Some((pid, began))) => {
                running.insert(pid, began);
            }
            (Some(b'-'), Some((pid, _))) => {
                running.remove(&pid);
            }
            _ => {}
        }
    }
    for (pid, began) in running {
        // Its number may be another process's by now.
        if usage::began(pid) == Some(began) {
            kill(pid);
        }
    }
    Ok(())
}

fn kill(pid: u32) {
    #[cfg(unix)]
    if let Some(pid) = i32::try_from(pid)
        .ok()
        .and_then(rustix::process::Pid::from_raw)
    {
        // It may have ended by itself.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
    #[cfg(not(unix))]
    let _ = pid;
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;

    #[test]
    fn what_was_begun_and_has_not_ended_is_killed() {
        let sleeper = || Command::new("sleep").arg("60").spawn().unwrap();
        let (mut left, mut ended, mut another) = (sleeper(), sleeper(), sleeper());
        let began = |pid| usage::began(pid).unwrap();
        let told = format!(
            "+{0} {1}\n+{2} {3}\n-{2} 0\n+{4} 17\nnonsense\n+{2}",
            left.id(),
            began(left.id()),
            ended.id(),
            began(ended.id()),
            another.id(),
        );
        watch(told.as_bytes()).unwrap();
        assert_eq!(left.wait().unwrap().signal(), Some(9));
        for spared in [&mut ended, &mut another] {
            assert_eq!(spared.try_wait().unwrap(), None);
            spared.kill().unwrap();
            spared.wait().unwrap();
        }
    }
}
