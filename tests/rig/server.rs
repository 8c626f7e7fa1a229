//! `yinxin serve` and other commands that go on until they are stopped.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::{cluster::wait_for, place::Place};

/// A process that is killed if the test fails.
#[derive(Debug)]
pub struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Server {
    /// Starts `yinxin` with the words of a line.
    ///
    /// # Panics
    /// If it cannot be started.
    #[must_use]
    pub fn start(place: &Place, line: &str) -> Self {
        let words: Vec<_> = line.split_whitespace().collect();
        let mut command = place.command(&words);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self(child.expect("the program was built"))
    }

    /// Waits until a service answers.
    ///
    /// # Panics
    /// If it does not.
    pub fn wait(base: &str) {
        let live = || get(&format!("{base}/health/live")).filter(|(status, _)| *status == 200);
        wait_for(Duration::from_secs(60), live).expect("it serves");
    }

    /// Interrupts it, as a terminal does; its exit code.
    ///
    /// # Panics
    /// If it cannot be told.
    pub fn interrupt(&mut self) -> Option<i32> {
        let sent = Command::new("kill").args(["-INT", &self.0.id().to_string()]).status();
        assert!(sent.expect("kill is there").success());
        let ended = wait_for(Duration::from_secs(30), || self.0.try_wait().expect("our child"));
        ended.and_then(|status| status.code())
    }
}

/// Status and text of an answer; `None` if there is none.
#[must_use]
pub fn get(url: &str) -> Option<(u16, String)> {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut answer = agent.get(url).call().ok()?;
    let text = answer.body_mut().read_to_string().ok()?;
    Some((answer.status().as_u16(), text))
}
