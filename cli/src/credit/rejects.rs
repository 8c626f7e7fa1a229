//! Rows that an import refused, with line and reason, in a file that is never anybody else's.

use std::{
    fs::{File, OpenOptions},
    io::{BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use serde::Serialize;
use yinxin_credit::source::{Place, Reject, Rejects};
use yinxin_verdict::Explain;

use crate::fail::{Class, Done, Failure};

/// Rows that were refused, a JSON object a line.
pub(super) struct RejectsFile {
    out: BufWriter<File>,
    length: u64,
    of: String,
}

#[derive(Serialize)]
struct RejectView<'a> {
    file: &'a str,
    line: u64,
    /// Where it ends, if that is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_line: Option<u64>,
    code: &'static str,
    reason: &'a str,
    reason_zh: &'a str,
}

impl RejectsFile {
    /// Opens it; what was written behind the last batch committed is cut off and comes again.
    ///
    /// Nothing else is ever cut off: a file with anything but rejects of this input there is left as it is, and refused.
    pub(super) fn open(path: &Path, place: &Place, input: &Path) -> Done<Self> {
        let io = |e: std::io::Error| Failure::io(path, &e);
        let of = input.display().to_string();
        let mut file =
            OpenOptions::new().create(true).read(true).append(true).open(path).map_err(io)?;
        let length = place.rejects.min(file.metadata().map_err(io)?.len());
        file.seek(SeekFrom::Start(length)).map_err(io)?;
        if !is_rejects(BufReader::new(&file), &of).map_err(io)? {
            return Err(Failure::new(
                Class::Usage,
                "the file for rejected rows has something else in it",
                "拒收文件中已有其他内容",
            )
            .at(path.display())
            .todo(
                "name another file with --rejects, or move that one away",
                "请用 --rejects 指定其他文件，或移走该文件",
            ));
        }
        file.set_len(length).map_err(io)?;
        Ok(Self { out: BufWriter::new(file), length, of })
    }
}

/// Whether all that is to be read are rejects of an input; the last may have been cut off in the middle.
fn is_rejects(mut from: impl BufRead, of: &str) -> std::io::Result<bool> {
    let start = format!("{{\"file\":{},", serde_json::Value::from(of)).into_bytes();
    let mut line = Vec::new();
    loop {
        line.clear();
        if from.by_ref().take(REJECT_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(true);
        }
        let whole = line.ends_with(b"\n");
        let fits = if whole {
            line.starts_with(&start)
        } else {
            start.starts_with(&line[..line.len().min(start.len())])
        };
        if !fits || !whole && !from.fill_buf()?.is_empty() {
            return Ok(false);
        }
    }
}

/// No line of rejects is longer: a reason quotes a value, and both languages have it.
const REJECT_LINE: u64 = 1 << 20;

impl Rejects for RejectsFile {
    fn take(&mut self, rejects: &[Reject]) -> Result<(), yinxin_credit::Error> {
        for Reject { line, last, error, .. } in rejects {
            let [en, zh] =
                [yinxin_verdict::Lang::En, yinxin_verdict::Lang::Zh].map(|l| error.explain(l).what);
            let view = RejectView {
                file: &self.of,
                line: *line,
                last_line: Some(*last).filter(|last| last != line),
                code: error.code(),
                reason: &en,
                reason_zh: &zh,
            };
            let mut text =
                serde_json::to_vec(&view).map_err(|e| yinxin_credit::Error::io(&e.into()))?;
            text.push(b'\n');
            self.out.write_all(&text).map_err(|e| yinxin_credit::Error::io(&e))?;
            self.length += text.len() as u64;
        }
        Ok(())
    }

    fn sync(&mut self) -> Result<u64, yinxin_credit::Error> {
        self.out.flush().map_err(|e| yinxin_credit::Error::io(&e))?;
        self.out.get_ref().sync_data().map_err(|e| yinxin_credit::Error::io(&e))?;
        Ok(self.length)
    }
}

/// Where rejects of a file go if nothing else is said.
pub(super) fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".rejects.jsonl");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(rejects: u64) -> Place {
        let digest = yinxin_gm::Digest::ZERO;
        let (input, row) = (digest, digest);
        Place { input, began: 0, offset: 0, line: 1, row, rejected: 0, rejects }
    }

    #[test]
    fn a_file_of_something_else_is_not_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rejects");
        let (input, other) = (Path::new("rows.csv"), Path::new("other.csv"));
        let line = "{\"file\":\"rows.csv\",\"line\":7}\n";
        for text in ["a letter to my mother", "{\"line\":7}\n", &line.replace("rows", "other")] {
            std::fs::write(&path, text).unwrap();
            assert!(RejectsFile::open(&path, &place(0), input).is_err(), "{text}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        // What a killed run left behind its last batch comes again; what is before that stays.
        let killed = format!("{line}{line}{}", &line[..9]);
        for (kept, left) in [(0, ""), (line.len() as u64, line)] {
            std::fs::write(&path, &killed).unwrap();
            RejectsFile::open(&path, &place(kept), input).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), left);
        }
        assert!(RejectsFile::open(&path, &place(0), other).is_err(), "another input's");
        // A file that was taken away is begun anew, not filled with zeros.
        std::fs::remove_file(&path).unwrap();
        RejectsFile::open(&path, &place(900), input).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"");
    }
}
