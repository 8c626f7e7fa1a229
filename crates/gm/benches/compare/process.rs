//! A peer as a process that is asked for rates.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

pub(crate) struct Peer {
    pub(crate) name: String,
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    gone: bool,
}

impl Peer {
    /// The words of `command` are separated by blanks.
    pub(crate) fn start(name: &str, command: &str) -> Self {
        let mut words = command.split(' ');
        let mut child = Command::new(words.next().expect("a command"))
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let questions = child.stdin.take().expect("piped");
        let answers = BufReader::new(child.stdout.take().expect("piped"));
        Self { name: name.to_owned(), child, questions, answers, gone: false }
    }

    /// Calls per second; nothing when the peer does not have the operation.
    pub(crate) fn ask(&mut self, operation: &str, size: usize, milliseconds: u32) -> Option<f64> {
        if self.gone {
            return None;
        }
        let mut answer = String::new();
        let asked = writeln!(self.questions, "{operation} {size} {milliseconds}");
        let read = asked.and_then(|()| self.answers.read_line(&mut answer));
        if !matches!(read, Ok(1..)) {
            println!("{} ended at {operation}; it is left out from here on", self.name);
            self.gone = true;
        }
        answer.trim().parse().ok()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What one peer did in each round.
#[derive(Clone, Default)]
pub(crate) struct Rates(Vec<f64>);

impl Rates {
    pub(crate) fn extend(&mut self, rate: Option<f64>) {
        self.0.extend(rate);
    }

    pub(crate) fn best(&self) -> Option<f64> {
        self.0.iter().copied().reduce(f64::max)
    }

    /// How far the worst round lies below the best, in percent.
    pub(crate) fn spread(&self) -> f64 {
        let worst = self.0.iter().copied().fold(f64::MAX, f64::min);
        self.best().map_or(0.0, |best| 100.0 * (1.0 - worst / best))
    }
}
