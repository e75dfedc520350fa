//! How much memory and processor time a process has used.
//!
//! A function's limit is a watch on its resident memory, which is what Lambda's limit counts: a limit of
//! the address space would count what allocators only reserve (glibc: 64 MiB a thread), and a control
//! group needs rights that a person's program does not have. Between two looks a process can go over by
//! what it touches in that time.

use std::time::Duration;

/// Resident memory of a process, in bytes; none when it is gone or the system does not say.
pub(super) fn resident(pid: u32) -> Option<u64> {
    field(pid, "VmRSS:")
}

/// The most it has had.
pub(super) fn peak(pid: u32) -> Option<u64> {
    field(pid, "VmHWM:")
}

/// Processor time of all its threads that still run.
pub(super) fn processor_time(pid: u32) -> Option<Duration> {
    let mut nanoseconds = 0;
    for thread in std::fs::read_dir(format!("/proc/{pid}/task")).ok()? {
        let about = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        nanoseconds += about.split(' ').next()?.parse::<u64>().ok()?;
    }
    Some(Duration::from_nanos(nanoseconds))
}

/// When it was started, in the kernel's ticks since it began: with the number, no other process has it.
pub(super) fn began(pid: u32) -> Option<u64> {
    let about = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The program's name, in brackets, may hold anything; the 22nd field is the 20th behind it (proc_pid_stat(5)).
    let (_, behind) = about.rsplit_once(')')?;
    behind.split_whitespace().nth(19)?.parse().ok()
}

fn field(pid: u32, name: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_memory() {
        let resident = resident(std::process::id()).unwrap();
        assert!(resident > 100 * 1024 && peak(std::process::id()).unwrap() >= resident);
        assert_eq!(super::resident(u32::MAX), None);
        assert!(processor_time(std::process::id()).unwrap() > Duration::ZERO);
    }
}
