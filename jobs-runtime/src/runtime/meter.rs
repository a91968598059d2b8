//! How much of the machine this process takes, as its heartbeat tells.

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

use crate::storage::Vitals;

pub(super) struct Meter {
    system: System,
    /// `None` where the system does not say.
    process: Option<Pid>,
    /// Processor time is that since the last reading.
    has_read: bool,
}

impl Meter {
    pub(super) fn new() -> Self {
        let process = sysinfo::get_current_pid().ok();
        Self { system: System::new(), process, has_read: false }
    }

    /// Of the one process, which takes less than a statement to the database.
    pub(super) fn read(&mut self) -> Vitals {
        let Some(pid) = self.process else { return Vitals::default() };
        let asked = ProcessRefreshKind::nothing().with_memory().with_cpu().without_tasks();
        self.system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), false, asked);
        let Some(process) = self.system.process(pid) else { return Vitals::default() };
        let is_first = !std::mem::replace(&mut self.has_read, true);
        // In hundredths of one processor; a cast of floats saturates.
        let cpu = (process.cpu_usage() * 10.0).round() as i32;
        Vitals {
            memory: i64::try_from(process.memory()).ok().filter(|bytes| *bytes > 0),
            cpu: Some(cpu).filter(|_| !is_first),
        }
    }
}
