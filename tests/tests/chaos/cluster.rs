//! A PostgreSQL cluster of the test's own, which it stops and starts.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, User, geteuid};
use tempfile::TempDir;
use uuid::Uuid;

use super::world::Patience;

/// Debian keeps the server programs here, a folder for each major version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// PostgreSQL does not run as root; tried in this order.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// A cluster that listens on a port of its own whenever it runs.
pub(super) struct Cluster {
    programs: PathBuf,
    account: Option<User>,
    port: u16,
    password: String,
    server: Option<Child>,
    directory: TempDir,
}

impl Cluster {
    /// Makes a cluster, and starts it.
    pub(super) async fn start() -> Self {
        let account = account();
        let directory = tempfile::Builder::new().prefix("jobs-chaos-postgres-").tempdir();
        let directory = directory.expect("a temporary directory");
        let password = Uuid::now_v7().simple().to_string();
        let words = directory.path().join("password");
        fs::write(&words, &password).expect("the password can be written");
        for path in [directory.path(), &words] {
            let ids = account.as_ref().map(|user| (user.uid.as_raw(), user.gid.as_raw()));
            let (uid, gid) = ids.unzip();
            chown(path, uid, gid).expect("the directory can be given away");
        }
        let programs = programs();
        let mut cluster = Self { programs, account, port: 0, password, server: None, directory };
        let mut initdb = cluster.command("initdb");
        initdb.args(["--username=jobs", "--auth=scram-sha-256", "--no-locale", "--no-sync"]);
        initdb.arg("--encoding=UTF8").arg("--pwfile").arg(words).arg("-D").arg(cluster.data());
        let made = initdb.output().expect("initdb runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        // Last, so that hardly anybody else can take it meanwhile.
        cluster.port = free_port();
        cluster.go_on().await;
        cluster
    }

    pub(super) fn url(&self) -> String {
        format!("postgres://jobs:{}@127.0.0.1:{}/postgres", self.password, self.port)
    }

    /// Ends it at once, as a crash would: connections break, and what was committed is recovered
    /// at the next start.
    pub(super) fn crash(&mut self) {
        if let Some(mut server) = self.server.take() {
            let pid = i32::try_from(server.id()).expect("a process id");
            kill(Pid::from_raw(pid), Signal::SIGQUIT).expect("the server is there");
            server.wait().expect("the server can be waited for");
        }
    }

    /// Starts it again on the same port.
    pub(super) async fn go_on(&mut self) {
        let mut server = self.command("postgres");
        server.arg("-D").arg(self.data()).arg("-p").arg(self.port.to_string());
        server.args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]);
        server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.server = Some(server.spawn().expect("the server starts"));
        let mut patience = Patience::new("the cluster is ready");
        while !self.is_ready() {
            patience.pause().await;
        }
    }

    /// The server writes its state into the eighth line of its pid file, as `pg_ctl` reads it.
    fn is_ready(&self) -> bool {
        let text = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        text.lines().nth(7).is_some_and(|state| state.trim() == "ready")
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(self.directory.path());
        if let Some(user) = &self.account {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.crash();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("a bound socket").port()
}

/// Whom the server runs as, if that is not who the test runs as.
fn account() -> Option<User> {
    if !geteuid().is_root() {
        return None;
    }
    let user = UNPRIVILEGED.iter().find_map(|name| User::from_name(name).ok().flatten());
    Some(user.expect("PostgreSQL does not run as root, and there is no user postgres or nobody"))
}

/// The folder of the server programs: where `initdb` of the PATH really is, else Debian's newest.
fn programs() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|place| place.join("initdb"));
    let mut found = found.filter_map(|initdb| initdb.canonicalize().ok());
    if let Some(folder) = found.next().as_deref().and_then(Path::parent) {
        return folder.to_owned();
    }
    let versions = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path())))
        .collect();
    versions.sort_unstable();
    let (_, newest) = versions.pop().expect("initdb, on the PATH or where Debian keeps it");
    newest.join("bin")
}
